import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { typeCheck, usual } from "@x/e2e-release/type-check";
import type { Block } from "./documents.ts";

/** Resolves the packages by name, as users' projects do. */
const folder = fileURLToPath(new URL("../dist/blocks", import.meta.url));

/** The file name in a block's first line (`// name.ts`), under which the document's other blocks import it. */
export const fileNameOf = ({ code }: Block): string | undefined => /^\/\/ ([\w.-]+\.ts)\n/.exec(code)?.[1];

/** Compiles blocks of TypeScript, each as a module, against the built packages. @returns the compiler's errors */
export function compileBlocks(blocks: readonly Block[]): string {
  rmSync(folder, { recursive: true, force: true });
  const files = blocks.map((block) => {
    const [, line = ""] = block.location.split(":");
    const file = join(folder, block.document, fileNameOf(block) ?? `line-${line}.ts`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, block.code);
    return file;
  });
  return files.length === 0 ? "" : typeCheck(files, usual);
}
