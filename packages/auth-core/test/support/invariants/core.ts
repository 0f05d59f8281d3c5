import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import ts from "typescript";
import { onTestFinished } from "vitest";

/** The package, or a mutated copy. */
export type Core = typeof import("../../../src/index.ts");

/** A text in a source file, and its replacement. */
type Change = readonly [file: string, code: string, becomes: string];

/** A deliberate bug. Where two lines guard against it, it changes both. */
export interface Mutant {
  readonly what: string;
  readonly changes: readonly Change[];
}

const source = fileURLToPath(new URL("../../../src/", import.meta.url));

/** The package with this bug, until the test ends. */
export async function mutated({ changes }: Mutant): Promise<Core> {
  const folder = mkdtempSync(join(tmpdir(), "auth-core-mutant-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const name of readdirSync(source)) {
    if (!name.endsWith(".ts") || name.endsWith(".test.ts") || name.endsWith(".d.ts")) continue;
    let text = readFileSync(join(source, name), "utf8");
    for (const [file, code, becomes] of changes) {
      if (file !== name) continue;
      if (text.split(code).length !== 2) throw new Error(`${file} must contain this exactly once: ${code}`);
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
