import { fileURLToPath } from "node:url";
import ts from "typescript";

export const root = fileURLToPath(new URL("../..", import.meta.url));

/** Compiles in-memory files and returns the errors: `name:line`, or the text of any other error. */
export function complaints(
  files: Readonly<Record<string, string>>,
  options: ts.CompilerOptions,
  more: readonly string[] = [],
): string[] {
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists } = host;
  host.getSourceFile = (path, version, ...rest) => {
    const text = files[path];
    return text === undefined
      ? getSourceFile(path, version, ...rest)
      : ts.createSourceFile(path, text, version);
  };
  host.fileExists = (path) => path in files || fileExists(path);
  const program = ts.createProgram([...Object.keys(files), ...more], { ...options, noEmit: true }, host);
  const all = ts.getPreEmitDiagnostics(program).map(({ file, start = 0, messageText }) => {
    if (file === undefined || !(file.fileName in files))
      return ts.flattenDiagnosticMessageText(messageText, " ");
    return `${file.fileName}:${file.getLineAndCharacterOfPosition(start).line + 1}`;
  });
  return [...new Set(all)];
}
