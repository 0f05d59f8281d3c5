/** A decoded text, which maps each character to its source range in the original. */
export interface Revealed {
  /** One UTF-16 unit per entry of `starts` and `ends`. */
  readonly text: string;
  readonly starts: readonly number[];
  readonly ends: readonly number[];
}

const ESC = String.fromCharCode(0x1b);
const c1 = (code: number) => String.fromCharCode(code);

/** CSI, and any escape but a string. ECMA-48, both forms. */
const SHORT = `(?:${ESC}\\[|${c1(0x9b)})[0-?]*[ -/]*[@-~]?|${ESC}[ -/]*[0-~]?`;
const SHORT_ESCAPES = new RegExp(SHORT, "g");
/**
 * Terminal strings (OSC, DCS, SOS, PM, APC), then the others. An unterminated string swallows the rest of the text, as in
 * a terminal. The first group is a string's content; the second one matches if it is unterminated.
 */
export const ESCAPES = new RegExp(
  `(?:${ESC}[\\]PX^_]|[${c1(0x90)}${c1(0x98)}${c1(0x9d)}-${c1(0x9f)}])([^]*?)(?:${c1(0x07)}|${ESC}\\\\|${c1(0x9c)}|($))|${SHORT}`,
  "g",
);
/** Characters without width: format characters (zero-width, bidi), fillers, variation selectors, lone surrogates. */
export const INVISIBLE =
  /\p{Cf}|\p{Cs}|\u034f|[\u115f\u1160\u3164\uffa0]|[\u17b4\u17b5]|[\u180b-\u180f]|[\ufe00-\ufe0f]|[\u{e0100}-\u{e01ef}]/gu;

/** Invisible characters, including white space and control characters. */
export const BLANK = new RegExp(`${INVISIBLE.source}|[\\s\\p{Cc}]`, "gu");

/**
 * Marks, and Unicode blocks with look-alike letters and digits: accented, Greek, Cyrillic, full-width, mathematical,
 * raised, enclosed.
 */
const UNPLAIN =
  /\p{M}|[\u00aa\u00b2\u00b3\u00b9\u00ba\u00c0-\u024f\u02b0-\u02b8\u02e0-\u02e4\u0391-\u03f9\u0405-\u051d\u1d2c-\u1d6a\u1e00-\u1eff\u2070-\u209c\u2100-\u214f\u2160-\u217f\u2460-\u24ff\uff01-\uff5e\u{1d400}-\u{1d7ff}\u{1f100}-\u{1f1ff}]/gu;

/** Letters in circles and squares, and those of which two make a flag: where each alphabet begins. */
const ALPHABETS = [0x1f150, 0x1f170, 0x1f1e6];

/** Greek and Cyrillic letters, and the Latin one below each that it looks like. */
const FOREIGN = "αΑΒΕΖΗιΙκΚΜνΝοΟρΡτΤυΥχΧϲаАвВеЕкКмМнНоОрРсСтТуУхХѕЅіІјЈһҺԁԛԜԝ";
const LATIN = "aABEZHiIkKMvNoOpPtTuYxXcaABBeEkKmMhHoOpPcCtTyYxXsSiIjJhHdqWw";

/** Encoded characters: percent-encoding, escapes of JSON, JavaScript and C, HTML references; each encoded repeatedly, too. */
const SPELLED = new RegExp(
  [
    "((?:P[0-7]|P[cd]XP[89ab]|PeXP[89ab]XP[89ab]|Pf[0-7]P[89ab]XP[89ab]XP[89ab])X)",
    "Bu(0000XXXX)",
    "(?:B|P)u(XXXX)",
    "Bu\\{(X{1,16})\\}",
    "Bx(XX)",
    "A#x(X{1,16})E",
    "A#([0-9]{1,16})E",
    "A([a-z][a-z0-9]{1,31});",
    "B(0?[1-7][0-7]{1,2}|00[1-7][0-7])",
    "(Be|\\^\\[)",
    "\\\\([\"'\\\\/nrtbfv0])",
  ]
    .join("|")
    .replaceAll("P", "%(?:25){0,32}")
    .replaceAll("B", "(?<!\\\\)\\\\{1,64}")
    .replaceAll("A", "&(?:amp;){0,32}")
    .replaceAll("E", "(?:;|(?![\\w%\\\\&]))")
    .replaceAll("X", "[0-9a-f]"),
  "giu",
);
const NAMED: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };
/** After a backslash: white space. Any other character stands for itself. */
const WHITE_SPACE = "nrtbfv0";

/** How many layers of different encodings to decode. */
const MAX_LAYERS = 8;

/** True if the text has nothing to decode. */
export function isPlainText(text: string): boolean {
  return !/[%\\&]|\^\[|[^\x20-\x7e\n]/.test(text);
}

/**
 * Removes encodings, escape sequences and invisible characters, and replaces look-alike letters with plain ones.
 *
 * @param ignored characters to remove, even inside encodings
 * @returns without escape sequences, which may split a token; if there are any, also with their contents, which may be
 *   one: with those of terminal strings only, and with all
 */
export function reveal(text: string, ignored = INVISIBLE): Revealed[] {
  let hasEscapes = false;
  let hasStrings = false;
  const without = decoded(text, ignored, ([, content, end]) => {
    hasEscapes = true;
    // The terminator of an unterminated string may have been lost: only its beginning goes, as a short escape.
    if (end !== undefined) return null;
    hasStrings ||= content !== undefined;
    return "";
  });
  return [
    without,
    ...(hasStrings ? [decoded(text, ignored, () => null)] : []),
    ...(hasEscapes ? [decoded(text, ignored, null)] : []),
  ];
}

/** @param put replaces each escape sequence and terminal string, and may keep a string's content; `null` keeps all */
function decoded(text: string, ignored: RegExp, put: Replacement | null): Revealed {
  const positions = Array.from({ length: text.length }, (_, index) => index);
  let view: Revealed = { text, starts: positions, ends: positions.map((index) => index + 1) };
  for (let layer = 0; layer < MAX_LAYERS; layer += 1) {
    const before = view.text;
    if (put !== null) {
      view = rewrite(view, ESCAPES, put);
      view = rewrite(view, SHORT_ESCAPES, () => "");
    }
    view = rewrite(view, ignored, () => "");
    view = rewrite(view, UNPLAIN, likeness);
    view = rewrite(view, SPELLED, spelled);
    if (view.text === before) break;
  }
  return view;
}

/** The plain character for a look-alike; empty for a combining mark. */
function likeness([character = ""]: readonly (string | undefined)[]): string {
  const code = character.codePointAt(0) ?? 0;
  const first = ALPHABETS.find((start) => code >= start && code < start + 26);
  if (first !== undefined) return String.fromCharCode(97 + code - first);
  const plain = character.normalize("NFKD").replace(/\p{M}+/gu, "");
  if (/^[\x20-\x7e]+$/.test(plain)) return plain;
  return LATIN[FOREIGN.indexOf(plain || character)] ?? "";
}

function spelled([whole, ...forms]: readonly (string | undefined)[]): string {
  const [percent, long, u, braced, x, entityHex, entity, named, octal, esc, escaped] = forms;
  if (percent !== undefined) return fromPercent(percent);
  if (esc !== undefined) return ESC;
  // An unknown name may be part of a token, so it stays; another reading drops it.
  if (named !== undefined) return Object.hasOwn(NAMED, named) ? (NAMED[named] ?? "") : (whole ?? "");
  if (escaped !== undefined) return WHITE_SPACE.includes(escaped) ? " " : escaped;
  const hex = Number.parseInt(long ?? u ?? braced ?? x ?? entityHex ?? "", 16);
  const code =
    octal === undefined ? (entity === undefined ? hex : Number(entity)) : Number.parseInt(octal, 8);
  if (!(code <= 0x10ffff)) return whole ?? "";
  return String.fromCodePoint(code);
}

/** Decodes one UTF-8 character (RFC 3986, section 2.1), even an overlong one; empty if invalid. */
function fromPercent(encoded: string): string {
  const [lead = 0, ...others] = [...encoded.matchAll(/%(?:25)*([0-9a-f]{2})/gi)].map(([, hex = ""]) =>
    Number.parseInt(hex, 16),
  );
  const first = others.length === 0 ? lead : lead & (0x3f >> others.length);
  const code = others.reduce((before, byte) => before * 0x40 + (byte & 0x3f), first);
  return code > 0x10ffff ? "" : String.fromCodePoint(code);
}

/** The text that replaces a match; `null` keeps it. */
export type Replacement = (match: readonly (string | undefined)[]) => string | null;

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
    const put = match[0] === "" ? null : replacement(match);
    if (put === null) continue;
    keep(match.index);
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

/** The text backwards. */
export const reversed = ({ text, starts, ends }: Revealed): Revealed => ({
  text: text.split("").reverse().join(""),
  starts: [...starts].reverse(),
  ends: [...ends].reverse(),
});
