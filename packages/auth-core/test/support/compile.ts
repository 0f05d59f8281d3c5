import ts from "typescript";

/** Declarations of the language and the runtimes: thousands of lines, so parsed once. */
const parsed = new Map<string, ts.SourceFile | undefined>();

/**
 * Compiles in-memory files and returns each rejected line as `name:line`; errors that belong to no line come with
 * their text.
 */
export function compileErrors(
  files: Readonly<Record<string, string>>,
  options: ts.CompilerOptions,
  more: readonly string[] = [],
): string[] {
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists } = host;
  host.getSourceFile = (path, version, ...rest) => {
    const text = files[path];
    if (text !== undefined) return ts.createSourceFile(path, text, version);
    if (!path.endsWith(".d.ts")) return getSourceFile(path, version, ...rest);
    if (!parsed.has(path)) parsed.set(path, getSourceFile(path, version, ...rest));
    return parsed.get(path);
  };
  host.fileExists = (path) => path in files || fileExists(path);
  const program = ts.createProgram([...Object.keys(files), ...more], { ...options, noEmit: true }, host);
  const errors = ts.getPreEmitDiagnostics(program).map(({ file, start = 0, messageText }) => {
    if (file === undefined || !(file.fileName in files))
      return ts.flattenDiagnosticMessageText(messageText, " ");
    return `${file.fileName}:${file.getLineAndCharacterOfPosition(start).line + 1}`;
  });
  return [...new Set(errors)];
}
