import { vi } from "vitest";
import { recipe, write } from "./page.ts";

/** What a recipe made, by its names in the page. */
// biome-ignore lint/suspicious/noExplicitAny: the page is code that no type of the test knows
export type Made = any;

/** Runs a recipe's code as the page shows it, and gives what it made and what it printed. */
export async function run(
  name: string,
  names: readonly string[],
): Promise<{ made: Made; printed: string[] }> {
  const printed: string[] = [];
  const log = vi.spyOn(console, "log").mockImplementation((...words) => void printed.push(words.join(" ")));
  try {
    // Another platform, another file: not the module of the test before.
    const file = write(recipe(name), `\nexport { ${names.join(", ")} };\n`);
    const made = await import(/* @vite-ignore */ `${file}?${crypto.randomUUID()}`);
    return { made, printed };
  } finally {
    log.mockRestore();
  }
}

/** What the comments behind its `console.log` say. */
export function promised(name: string): string[] {
  return Array.from(recipe(name).code.matchAll(/console\.log\(.+\); \/\/ (.+)$/gm), ([, said = ""]) => said);
}
