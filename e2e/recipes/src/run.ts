import { vi } from "vitest";
import { recipe, write } from "./page.ts";

/** The variables that a recipe defines, by name. */
// biome-ignore lint/suspicious/noExplicitAny: the page is code that no type of the test knows
export type Made = any;

/** Runs a recipe's code as the page shows it. @returns its variables and its output */
export async function run(
  name: string,
  names: readonly string[],
): Promise<{ made: Made; printed: string[] }> {
  const printed: string[] = [];
  const log = vi.spyOn(console, "log").mockImplementation((...words) => void printed.push(words.join(" ")));
  try {
    // A different platform and file: the previous test's module must not be reused.
    const file = write(recipe(name), `\nexport { ${names.join(", ")} };\n`);
    const made = await import(/* @vite-ignore */ `${file}?${crypto.randomUUID()}`);
    return { made, printed };
  } finally {
    log.mockRestore();
  }
}

/** The expected output: the comments behind the `console.log` calls. */
export function promised(name: string): string[] {
  return Array.from(recipe(name).code.matchAll(/console\.log\(.+\); \/\/ (.+)$/gm), ([, said = ""]) => said);
}
