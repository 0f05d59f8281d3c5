import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import ts from "typescript";
import { onTestFinished } from "vitest";

/** The package, or a mutated copy. */
export type Core = typeof import("../../../src/index.ts");

interface Change {
  readonly file: string;
  /** Occurs exactly once in the file. */
  readonly code: string;
  /** @default nothing: it is removed */
  readonly becomes?: string;
}

/** A deliberate bug. */
export interface Mutant extends Change {
  readonly what: string;
  /** Where two lines guard against it, the other one. */
  readonly also?: Change;
}

const source = fileURLToPath(new URL("../../../src/", import.meta.url));

/** The package with this bug, until the test ends. */
export async function mutated({ also, ...bug }: Mutant): Promise<Core> {
  const changes: Change[] = also === undefined ? [bug] : [bug, also];
  const folder = mkdtempSync(join(tmpdir(), "auth-core-mutant-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const name of readdirSync(source)) {
    if (!name.endsWith(".ts") || name.endsWith(".test.ts") || name.endsWith(".d.ts")) continue;
    let text = readFileSync(join(source, name), "utf8");
    for (const { file, code, becomes = "" } of changes) {
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
