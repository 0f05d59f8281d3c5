/**
 * Parses JSON that a person wrote.
 *
 * @throws Error with a sentence to append to the name of the source: the line and the column, without quoting the text,
 * which may hold a token
 */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`it is not valid JSON: ${describe(text, findMistake(text))}.`);
  }
}

/**
 * The parser keeps only the last of two members with one name, as when `}, {` is missing between two objects.
 *
 * @param text valid JSON
 * @throws Error with a sentence to append to the name of the source, without quoting the text
 */
export function refuseRepeatedNames(text: string): void {
  const open: Set<string>[] = [];
  // Not a regular expression, which runs out of stack on a long string.
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (character === "{") open.push(new Set());
    else if (character === "}") open.pop();
    if (character !== '"') continue;
    const from = at;
    do at = text.indexOf('"', at + 1);
    while (isEscaped(text, at));
    SPACE.lastIndex = at + 1;
    SPACE.test(text);
    if (text[SPACE.lastIndex] !== ":") continue;
    const name: string = JSON.parse(text.slice(from, at + 1));
    const names = open.at(-1);
    if (names?.has(name)) {
      const what = 'the object has this name twice; perhaps "}, {" is missing before it';
      throw new Error(`it is ambiguous: ${describe(text, { at: from, what })}.`);
    }
    names?.add(name);
  }
}

function isEscaped(text: string, at: number): boolean {
  let from = at;
  while (text[from - 1] === "\\") from -= 1;
  return (at - from) % 2 === 1;
}

interface Mistake {
  readonly at: number;
  readonly what: string;
}

function describe(text: string, { at, what }: Mistake): string {
  const before = text.slice(0, at);
  const line = before.split("\n").length;
  return `line ${line}, column ${at - before.lastIndexOf("\n")} (${what})`;
}

const SPACE = /[ \t\n\r]*/y;
const TEXT = /"[^"\\\p{Cc}]*(?:\\(?:["\\/bfnrt]|u[\da-f]{4})[^"\\\p{Cc}]*)*/iuy;
const SCALAR = /(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[+-]?\d+)?|true|false|null)(?![\w.+-])/iy;

type Wanted = "value" | "first value" | "key" | "first key" | "colon" | "comma" | "end";

/** Finds where the text violates the grammar (RFC 8259); the parser's own error would quote the text. */
function findMistake(text: string): Mistake {
  const open: ("{" | "[")[] = [];
  let wanted: Wanted = "value";
  let at = 0;
  const lengthOf = (pattern: RegExp): number => {
    pattern.lastIndex = at;
    return pattern.exec(text)?.[0].length ?? 0;
  };
  const afterValue = (): Wanted => (open.length === 0 ? "end" : "comma");
  for (;;) {
    at += lengthOf(SPACE);
    const character = text[at];
    const closing = open.at(-1) === "{" ? "}" : "]";
    const mayClose = wanted === "comma" || wanted === "first key" || wanted === "first value";
    if (character === undefined) return { at, what: "it ends too early" };
    if (open.length > 0 && mayClose && character === closing) {
      open.pop();
      wanted = afterValue();
      at += 1;
    } else if (wanted === "comma" && character === ",") {
      wanted = open.at(-1) === "{" ? "key" : "value";
      at += 1;
    } else if (wanted === "colon" && character === ":") {
      wanted = "value";
      at += 1;
    } else if (wanted === "key" || wanted === "first key" || wanted === "value" || wanted === "first value") {
      const isKey: boolean = wanted === "key" || wanted === "first key";
      if (character === '"') {
        at += lengthOf(TEXT);
        if (text[at] !== '"') return { at, what: mistakeInText(text[at]) };
        at += 1;
        wanted = isKey ? "colon" : afterValue();
      } else if (!isKey && (character === "{" || character === "[")) {
        open.push(character);
        wanted = character === "{" ? "first key" : "first value";
        at += 1;
      } else {
        const length = isKey ? 0 : lengthOf(SCALAR);
        if (length === 0) return { at, what: mistakeBy(character, wanted) };
        at += length;
        wanted = afterValue();
      }
    } else return { at, what: mistakeBy(character, wanted) };
  }
}

function mistakeInText(character: string | undefined): string {
  if (character === undefined) return "a string has no closing quote";
  if (character === "\\") return "a backslash in a string is written twice";
  return "a string has no closing quote in its line";
}

function mistakeBy(character: string, wanted: Wanted): string {
  if (/[}\]]/.test(character) && (wanted === "key" || wanted === "value"))
    return "a comma with nothing after it";
  if (/['`\u2018-\u201f]/.test(character)) return 'strings are written in straight double quotes (")';
  if (/[/#]/.test(character)) return "JSON has no comments";
  switch (wanted) {
    case "comma":
      return "a comma is missing, or a bracket";
    case "colon":
      return "a colon is missing";
    case "end":
      return "something follows the end";
    case "key":
    case "first key":
      return 'a name in double quotes (") is missing';
    default:
      return "a value is missing, or not in double quotes";
  }
}
