import { join } from "node:path";
import ts from "typescript";
import { root } from "./workspace.ts";

/** The ambient declarations around the files. */
export interface Environment {
  readonly lib: readonly string[];
  readonly types: readonly string[];
  /** Whether to check declaration files as well. */
  readonly thorough: boolean;
}

/** A consumer with only the language, which also checks the packages' declarations. */
export const bare: Environment = { lib: ["lib.es2022.d.ts"], types: [], thorough: true };

/** The environment of examples: Node and the DOM. */
export const usual: Environment = {
  lib: ["lib.es2022.d.ts", "lib.dom.d.ts", "lib.dom.iterable.d.ts"],
  types: ["node"],
  thorough: false,
};

/** The compiler's errors for a project's files, in strict mode. */
export function typeCheck(files: readonly string[], { lib, types, thorough }: Environment): string {
  const options: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleDetection: ts.ModuleDetectionKind.Force,
    lib: [...lib],
    types: [...types],
    typeRoots: [join(root, "node_modules/@types")],
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: !thorough,
    noEmit: true,
  };
  const host = ts.createCompilerHost(options);
  const read = host.getSourceFile;
  // The libraries are the same for all projects, and most of the work.
  host.getSourceFile = (name, ...rest) => {
    if (!name.includes("/typescript/lib/") && !name.includes("/@types/node/")) return read(name, ...rest);
    const known = libraries.get(name) ?? read(name, ...rest);
    if (known !== undefined) libraries.set(name, known);
    return known;
  };
  const diagnostics = ts.getPreEmitDiagnostics(ts.createProgram([...files], options, host));
  return ts.formatDiagnostics(diagnostics, {
    getCanonicalFileName: (name) => name,
    getCurrentDirectory: () => "/",
    getNewLine: () => "\n",
  });
}

const libraries = new Map<string, ts.SourceFile>();

/** A TypeScript file, transpiled. */
export function transpile(code: string): string {
  const compilerOptions = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext };
  return ts.transpileModule(code, { compilerOptions }).outputText;
}
