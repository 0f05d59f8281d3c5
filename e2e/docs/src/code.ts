import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { typeCheck, usual } from "@x/e2e-release/type-check";
import type { Block } from "./documents.ts";

/** Where the packages are found by their names, as their users find them. */
const folder = fileURLToPath(new URL("../dist/blocks", import.meta.url));

/** The file that a block's first line says it is (`// name.ts`), so that others of its document can import it. */
export const fileNameOf = ({ code }: Block): string | undefined => /^\/\/ ([\w.-]+\.ts)\n/.exec(code)?.[1];

/** What the compiler says of blocks of TypeScript, against the built packages; each is a module of its own. */
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
