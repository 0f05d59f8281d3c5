import ts from "typescript";

/** Declarations of the language and the runtimes: thousands of lines, parsed once. */
const parsed = new Map<string, ts.SourceFile | undefined>();

/**
 * What the compiler refuses in files that need not exist, as `name:line`; a complaint about anything else comes with
 * its text.
 */
export function refused(
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
  const places = ts.getPreEmitDiagnostics(program).map(({ file, start = 0, messageText }) => {
    if (file === undefined || !(file.fileName in files))
      return ts.flattenDiagnosticMessageText(messageText, " ");
    return `${file.fileName}:${file.getLineAndCharacterOfPosition(start).line + 1}`;
  });
  return [...new Set(places)];
}
