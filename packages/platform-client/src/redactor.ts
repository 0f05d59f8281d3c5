import { redactToken } from "@x/auth-core";
import { decodings } from "./decodings.ts";
import { type Found, Needles } from "./needles.ts";
import { isReadOtherwise, readings } from "./readings.ts";
import { BLANK, isPlainText, only, type Revealed, reveal, reversed } from "./revealed.ts";

/** Redacts tokens in text that is about to be printed. */
export interface Redactor {
  /** Blank text is ignored. */
  add(token: string): void;
  /** Stops redacting this token. */
  remove(token: string): void;
  /**
   * Replaces each token, and each value after `Bearer` or a secret's name, with its first characters and its length.
   * Finds tokens in any letter case, in look-alike letters, backwards, truncated, or split by HTML or by anything but
   * letters and digits, also inside terminal strings such as titles; also percent-encoded, escaped for JSON, C or HTML,
   * or as bytes in base64, hex or decimal, even repeatedly.
   */
  redact(text: string): string;
}

const LETTERS = /[a-z0-9]+/gi;
const VISIBLE = /[\x21-\x7e]+/g;

/** Needles with fewer letters and digits are compared exactly; others by letters and digits only. */
const ENOUGH_LETTERS = 12;
/**
 * Redacts any number of tokens, in time that depends only on the length of the text.
 *
 * @example
 * const redactor = createRedactor([token]);
 * console.error(redactor.redact("the platform answered with the token"));
 */
export function createRedactor(tokens: Iterable<string> = []): Redactor {
  const byLetters = new Needles();
  const exact = new Needles();
  const assign = (token: string): [Needles, string] => {
    const letters = lettersOf(token);
    return letters.length >= ENOUGH_LETTERS ? [byLetters, letters] : [exact, visibleOf(token)];
  };
  const add = (token: string) => {
    const [needles, text] = assign(token);
    if (text !== "") needles.add(text, redactToken(token));
  };
  for (const token of tokens) add(token);
  const findByLetters = (view: Revealed) => [...byLetters.find(only(view, LETTERS))];
  const findIn = (view: Revealed) => [...findByLetters(view), ...exact.find(only(view, VISIBLE))];
  return {
    add,
    remove(token) {
      const [needles, text] = assign(token);
      needles.remove(text);
    },
    redact(text) {
      // The common case: no decoding needed.
      const isPlain =
        isPlainText(text) && !NAMES.test(text) && !LONG_RUN.test(text) && !isReadOtherwise(text);
      if (isPlain && !byLetters.isIn(lettersOf(text)) && !exact.isIn(visibleOf(text))) return text;
      const views = reveal(text);
      // Without blanks, what precedes a token may become an escape together with its first letters: search with them, too.
      const found = [
        ...[...reveal(text, BLANK), ...views].flatMap((view) => [view, reversed(view)].flatMap(findIn)),
        ...views.flatMap((view) => [
          ...named(view),
          ...[...(LONG_RUN.test(view.text) ? decodings(view) : []), ...readings(view)].flatMap(findByLetters),
        ]),
      ];
      return replace(text, found);
    },
  };
}

/** A long word that may be a token in base64, but not a UUID or its parts. */
const LONG_RUN = /[a-z0-9+/_]{20}|[a-z0-9+/_-]{40}/i;

const visibleOf = (text: string): string => text.replace(/\s+/g, "").toLowerCase();
const lettersOf = (text: string): string => text.replace(/[^a-z0-9]+/gi, "").toLowerCase();
const NAMES = /bearer|authorization|(?:auth|access|workspace|api)[_-]?token|inbound[_-]?secret/i;
/** A value after the name of a secret: at least eight characters of those that tokens use. */
const NAMED_VALUE =
  /(?:bearer[\s:+=]+|(?:authorization|(?:auth|access|workspace|api)[_-]?token|inbound[_-]?secret)["'\s]*[:=]["'\s]*)([\w.~+/=-]{8,})/gi;
/** An ordinary word, or a path. */
const WORD = /^(?:[a-z]{1,16}[.,:;]?|[./].*)$/i;

function* named({ text, starts, ends }: Revealed): Generator<Found> {
  if (!NAMES.test(text)) return;
  for (const match of text.matchAll(NAMED_VALUE)) {
    const [whole, value = ""] = match;
    if (WORD.test(value)) continue;
    const to = match.index + whole.length;
    yield { start: starts[to - value.length] ?? 0, end: ends[to - 1] ?? 0, shown: redactToken(value) };
  }
}

/** Merges overlapping matches; the first one determines the replacement. */
function replace(text: string, found: readonly Found[]): string {
  let result = "";
  let position = 0;
  for (const { start, end, shown } of [...found].sort((a, b) => a.start - b.start || b.end - a.end)) {
    if (end <= position) continue;
    result += start < position ? "" : text.slice(position, start) + shown;
    position = end;
  }
  return result + text.slice(position);
}
