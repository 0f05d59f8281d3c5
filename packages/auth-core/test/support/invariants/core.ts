import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import ts from "typescript";
import { onTestFinished } from "vitest";

/** The package, or a copy of it with a mistake. */
export type Core = typeof import("../../../src/index.ts");

/** What stands in a file of the source, and what takes its place. */
type Change = readonly [file: string, code: string, becomes: string];

/** A mistake. Where two lines guard the same thing, it takes both. */
export interface Mutant {
  readonly what: string;
  readonly changes: readonly Change[];
}

const source = fileURLToPath(new URL("../../../src/", import.meta.url));

/** The package with this mistake in it, until the test ends. */
export async function mutated({ changes }: Mutant): Promise<Core> {
  const folder = mkdtempSync(join(tmpdir(), "auth-core-mutant-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const name of readdirSync(source)) {
    if (!name.endsWith(".ts") || name.endsWith(".test.ts") || name.endsWith(".d.ts")) continue;
    let text = readFileSync(join(source, name), "utf8");
    for (const [file, code, becomes] of changes) {
      if (file !== name) continue;
      if (text.split(code).length !== 2) throw new Error(`${file} must hold this once: ${code}`);
      text = text.replace(code, () => becomes);
    }
    const { outputText } = ts.transpileModule(text, {
      compilerOptions: {
        target: ts.ScriptTarget.ES2022,
        module: ts.ModuleKind.ESNext,
        rewriteRelativeImportExtensions: true,
      },
    });
    writeFileSync(join(folder, name.replace(/\.ts$/, ".js")), outputText);
  }
  writeFileSync(join(folder, "package.json"), '{"type":"module"}');
  return import(pathToFileURL(join(folder, "index.js")).href);
}
