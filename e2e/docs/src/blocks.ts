import { spawnSync } from "node:child_process";
import { parseAllDocuments } from "yaml";
import { problemOf } from "./commands.ts";
import type { Block } from "./documents.ts";
import { unsaid } from "./messages.ts";
import { parseShell } from "./shell.ts";

type Check = (code: string) => readonly string[];

/** How a block of each language is checked. All TypeScript is compiled together: see `code.ts`. */
const CHECKS: Readonly<Record<string, Check>> = {
  ts: () => [],
  json: (code) => problemsOf(() => JSON.parse(code)),
  yaml: (code) => parseAllDocuments(code).flatMap(({ errors }) => errors.map(({ message }) => message)),
  python: (code) => [...problemsOfPython(code)],
  sh: shell,
  mermaid,
  // Output of this project's programs.
  text: (code) => code.split("\n").flatMap((line) => unsaid(withoutExamples(line))),
};

/** The problems of one block. */
export function problemsIn({ location, language, code }: Block): string[] {
  const check = CHECKS[language];
  if (check === undefined) return [`${location}: no check for “${language}”`];
  return check(code).map((problem) => `${location}: ${problem}`);
}

function shell(code: string): string[] {
  const { commands, hereDocuments } = parseShell(code);
  const found = commands.map(problemOf).filter((problem) => problem !== null);
  const json = hereDocuments.filter(({ mark }) => mark === "JSON");
  return [...found, ...json.flatMap(({ text }) => problemsOf(() => JSON.parse(text)))];
}

/** The Mermaid statements that the documents use, one per line. */
const DIAGRAMS: Readonly<Record<string, RegExp>> = {
  flowchart:
    /^(subgraph \w[\w-]*(\["[^"]+"\])?|end|\w[\w-]*(\["[^"]+"\]|\(\["[^"]+"\]\))|\w[\w-]*( -->(\|[^|]+\|)? \w[\w-]*)?)$/,
  sequenceDiagram: /^(participant \w+ as [^;]+|\w+--?>>\w+: [^;]+|Note over \w+: [^;]+)$/,
};

function mermaid(code: string): string[] {
  const [head = "", ...statements] = code.trimEnd().split("\n");
  const form = DIAGRAMS[head.replace(/ (TD|LR)$/, "")];
  if (form === undefined) return [`unknown diagram: ${head}`];
  return statements.filter((line) => !form.test(line.trim())).map((line) => `unknown statement: ${line}`);
}

function problemsOf(parse: () => unknown): string[] {
  try {
    parse();
    return [];
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}

/** Checks the syntax if there is a Python; names are checked elsewhere. */
function problemsOfPython(code: string): string[] {
  const check = "import ast, sys; ast.parse(sys.stdin.read())";
  const { error, status, stderr } = spawnSync("python3", ["-c", check], { input: code, encoding: "utf8" });
  if (error !== undefined) return [];
  return status === 0 ? [] : [stderr.trim().split("\n").at(-1) ?? "cannot be parsed"];
}

/** Timestamps, symbols, a table's values, and the names and paths that the demo and the examples use. */
const withoutExamples = (line: string): string =>
  line
    .replaceAll(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}(?= {2})|(?<= {2})\d+ m?s\b|(?<=\w) {2,}(?=\w)/g, "…")
    .replace(/^\d\d:\d\d +(✓ )?((atlas|birch|comet): )?/, "")
    .replaceAll(/\b(atlas|birch|comet)\b|\/tmp\/\S+|\S{4}… \(\d+ characters\)/g, "…")
    .replace(/^All \d+ /, "All … ");
