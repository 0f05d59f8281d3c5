import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The recipes page, and a folder in which its code resolves the packages by name. */
const page = new URL("../../../docs/recipes.md", import.meta.url);
export const folder = fileURLToPath(new URL("../dist", import.meta.url));

export interface Recipe {
  /** The anchor of its heading. */
  readonly name: string;
  readonly language: string;
  readonly code: string;
}

/** The page's recipes by the heading above them. */
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

/** Writes a recipe's code into a file, with the test's additions. @returns the file's path */
export function write({ name, language, code }: Recipe, more = ""): string {
  const [, given] = /^\/\/ ([\w.-]+)\n/.exec(code) ?? [];
  const file = `${folder}/${given ?? `${name.toLowerCase().replaceAll(/\W+/g, "-")}.${language}`}`;
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, code + more);
  return file;
}
