/** One command of a shell block: its words, without quotes, redirections and leading assignments. */
export type Command = readonly string[];

/** The content that a here-document writes to a file. */
interface HereDocument {
  readonly mark: string;
  readonly text: string;
}

/** Parses the subset of shell that the documents use: command lists, quotes, continuations, here-documents. */
export function parseShell(code: string) {
  const hereDocuments: HereDocument[] = [];
  const plain = code
    .replaceAll(/^(.*)<<'(\w+)'(.*)\n([\s\S]*?)^\2$/gm, (_, before, mark, after, text) => {
      hereDocuments.push({ mark, text });
      return before + after;
    })
    .replaceAll("\\\n", " ");
  const commands = plain.split("\n").flatMap(commandsIn);
  return { commands, hereDocuments };
}

const WORD = /(?:[^\s"'|&;#<>]|(?<=\S)#|"(?:[^"\\]|\\.)*"|'[^']*')+/y;
const BETWEEN = /\s+|&&|\|\||[|&;]|\d?[<>]+&?\s*\S+/y;

function commandsIn(line: string): Command[] {
  const commands: string[][] = [[]];
  let at = 0;
  while (at < line.length && line[at] !== "#") {
    WORD.lastIndex = at;
    const word = WORD.exec(line)?.[0];
    BETWEEN.lastIndex = at;
    const between = word === undefined ? BETWEEN.exec(line)?.[0] : undefined;
    const length = (word ?? between ?? "").length;
    if (length === 0) throw new Error(`not understood: ${line.slice(at)}`);
    if (word !== undefined) commands.at(-1)?.push(word.replaceAll(/["']/g, ""));
    else if (/^[|&;]/.test(between ?? "")) commands.push([]);
    at += length;
  }
  return commands.map(withoutAssignments).filter((command) => command.length > 0);
}

const withoutAssignments = (words: readonly string[]): Command => {
  const first = words.findIndex((word) => !/^\w+=/.test(word));
  return first < 0 ? [] : words.slice(first);
};
