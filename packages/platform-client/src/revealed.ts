/** A decoded text, which maps each character to its source range in the original. */
export interface Revealed {
  /** One UTF-16 unit per entry of `starts` and `ends`. */
  readonly text: string;
  readonly starts: readonly number[];
  readonly ends: readonly number[];
}

const ESC = String.fromCharCode(0x1b);
const c1 = (code: number) => String.fromCharCode(code);

/** Terminal strings (OSC, DCS, SOS, PM, APC), then CSI, then any other escape. ECMA-48, both forms. */
const escapes = (ends: string) =>
  new RegExp(
    `(?:${ESC}[\\]PX^_]|[${c1(0x90)}${c1(0x98)}${c1(0x9d)}-${c1(0x9f)}])[^]*?(?:${c1(0x07)}|${ESC}\\\\|${c1(0x9c)}${ends})` +
      `|(?:${ESC}\\[|${c1(0x9b)})[0-?]*[ -/]*[@-~]?` +
      `|${ESC}[ -/]*[0-~]?`,
    "g",
  );
/** An unterminated string swallows the rest of the text, as in a terminal. */
export const ESCAPES = escapes("|$");
/** The terminator of an unterminated string may have been lost. */
const ENDED_ESCAPES = escapes("");
/** Characters without width: format characters (zero-width, bidi), fillers, variation selectors, lone surrogates. */
export const INVISIBLE =
  /\p{Cf}|\p{Cs}|\u034f|[\u115f\u1160\u3164\uffa0]|[\u17b4\u17b5]|[\u180b-\u180f]|[\ufe00-\ufe0f]|[\u{e0100}-\u{e01ef}]/gu;

/** Invisible characters, including white space and control characters. */
export const BLANK = new RegExp(`${INVISIBLE.source}|[\\s\\p{Cc}]`, "gu");

/** Marks, and Unicode blocks with look-alike letters and digits: full-width, mathematical, raised. */
const UNPLAIN =
  /\p{M}|[\u00aa\u00b2\u00b3\u00b9\u00ba\u017f\u02b0-\u02b8\u02e0-\u02e4\u1d2c-\u1d6a\u2070-\u209c\u2100-\u214f\u2160-\u217f\u2460-\u24ff\uff01-\uff5e\u{1d400}-\u{1d7ff}\u{1f100}-\u{1f1ff}]/gu;

/** Letters of which two make a flag. */
const REGIONAL_INDICATOR_A = 0x1f1e6;

/** Encoded characters: percent-encoding, escapes of JSON, JavaScript and C, HTML references. */
const SPELLED =
  /(%[0-7][0-9a-f]|%[cd][0-9a-f]%[89ab][0-9a-f]|%e[0-9a-f](?:%[89ab][0-9a-f]){2}|%f[0-7](?:%[89ab][0-9a-f]){3})|\\u(0000[0-9a-f]{4})|[\\%]u([0-9a-f]{4})|\\u\{([0-9a-f]{1,16})\}|\\x([0-9a-f]{2})|&#x([0-9a-f]{1,16})(?:;|(?![\w%\\&]))|&#([0-9]{1,16})(?:;|(?![\w%\\&]))|&([a-z][a-z0-9]{1,31});|\\(0?[1-7][0-7]{1,2}|00[1-7][0-7])|(\\e|\^\[)|\\(["'\\/nrtbfv0])/giu;
const NAMED: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };
/** After a backslash: white space. Any other character stands for itself. */
const WHITE_SPACE = "nrtbfv0";

/** How many layers of encoding to decode. */
const MAX_LAYERS = 4;

/** True if the text has nothing to decode. */
export function isPlainText(text: string): boolean {
  return !/[%\\&]|\^\[|[^\x20-\x7e\n]/.test(text);
}

/**
 * Removes encodings, escape sequences and invisible characters, and replaces look-alike letters with plain ones.
 *
 * @param ignored characters to remove, even inside encodings
 */
export function reveal(text: string, ignored = INVISIBLE): Revealed {
  const positions = Array.from({ length: text.length }, (_, index) => index);
  let view: Revealed = { text, starts: positions, ends: positions.map((index) => index + 1) };
  for (let layer = 0; layer < MAX_LAYERS; layer += 1) {
    const before = view.text;
    view = rewrite(view, ENDED_ESCAPES, () => "");
    view = rewrite(view, ignored, () => "");
    view = rewrite(view, UNPLAIN, likeness);
    view = rewrite(view, SPELLED, spelled);
    if (view.text === before) break;
  }
  return view;
}

/** The plain character for a look-alike; empty for a combining mark. */
function likeness([character = ""]: readonly (string | undefined)[]): string {
  const flag = (character.codePointAt(0) ?? 0) - REGIONAL_INDICATOR_A;
  if (flag >= 0 && flag < 26) return String.fromCharCode(97 + flag);
  const plain = character.normalize("NFKC");
  return /^[\x20-\x7e]+$/.test(plain) ? plain : "";
}

function spelled([whole, ...forms]: readonly (string | undefined)[]): string {
  const [percent, long, u, braced, x, entityHex, entity, named, octal, esc, escaped] = forms;
  if (percent !== undefined) return fromPercent(percent);
  if (esc !== undefined) return ESC;
  if (named !== undefined) return Object.hasOwn(NAMED, named) ? (NAMED[named] ?? "") : " ";
  if (escaped !== undefined) return WHITE_SPACE.includes(escaped) ? " " : escaped;
  const hex = Number.parseInt(long ?? u ?? braced ?? x ?? entityHex ?? "", 16);
  const code =
    octal === undefined ? (entity === undefined ? hex : Number(entity)) : Number.parseInt(octal, 8);
  if (!(code <= 0x10ffff)) return whole ?? "";
  return String.fromCodePoint(code);
}

/** Decodes one UTF-8 character (RFC 3986, section 2.1); empty if invalid. */
function fromPercent(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return "";
  }
}

/** The text that replaces a match. */
export type Replacement = (match: readonly (string | undefined)[]) => string;

/** Like `replaceAll`. Each new character maps to the whole replaced range. */
export function rewrite(view: Revealed, pattern: RegExp, replacement: Replacement): Revealed {
  let text = "";
  let from = 0;
  const starts: number[] = [];
  const ends: number[] = [];
  const keep = (to: number) => {
    text += view.text.slice(from, to);
    for (let index = from; index < to; index += 1) {
      starts.push(view.starts[index] ?? 0);
      ends.push(view.ends[index] ?? 0);
    }
  };
  for (const match of view.text.matchAll(pattern)) {
    const to = match.index + match[0].length;
    if (match[0] === "") continue;
    keep(match.index);
    const put = replacement(match);
    for (let index = 0; index < put.length; index += 1) {
      starts.push(view.starts[match.index] ?? 0);
      ends.push(view.ends[to - 1] ?? 0);
    }
    text += put;
    from = to;
  }
  if (from === 0) return view;
  keep(view.text.length);
  return { text, starts, ends };
}

/** Keeps only the characters that match `pattern`: a token's characters, however it was split. */
export function only(view: Revealed, pattern: RegExp): Revealed {
  const starts: number[] = [];
  const ends: number[] = [];
  let text = "";
  for (const match of view.text.matchAll(pattern)) {
    for (let index = match.index; index < match.index + match[0].length; index += 1) {
      starts.push(view.starts[index] ?? 0);
      ends.push(view.ends[index] ?? 0);
    }
    text += match[0];
  }
  return { text, starts, ends };
}
