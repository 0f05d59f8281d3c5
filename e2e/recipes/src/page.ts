import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** What the page shows, and where its code is put so that it finds its packages by their names. */
const page = new URL("../../../docs/recipes.md", import.meta.url);
export const folder = fileURLToPath(new URL("../dist", import.meta.url));

export interface Recipe {
  /** Of its heading. */
  readonly name: string;
  readonly language: string;
  readonly code: string;
}

/** All that the page shows, by the heading above it. */
export function recipes(): readonly Recipe[] {
  const text = readFileSync(page, "utf8");
  const found = text.matchAll(/^#{2,3} ([^\n]+)\n(?:(?!#).*\n)*?```(ts|js)\n([\s\S]+?)^```/gm);
  return Array.from(found, ([, name = "", language = "", code = ""]) => ({ name, language, code }));
}

export function recipe(name: string): Recipe {
  const found = recipes().find((each) => each.name === name);
  if (found === undefined) throw new Error(`docs/recipes.md has no recipe for ${name}`);
  return found;
}

/** Writes a recipe's code into a file, with what a test adds to it. @returns the file's path */
export function write({ name, language, code }: Recipe, more = ""): string {
  const [, given] = /^\/\/ ([\w.-]+)\n/.exec(code) ?? [];
  const file = `${folder}/${given ?? `${name.toLowerCase().replaceAll(/\W+/g, "-")}.${language}`}`;
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, code + more);
  return file;
}
