import { redactToken } from "@x/auth-core";
import { decodings } from "./decodings.ts";
import { isReadOtherwise, readings } from "./readings.ts";
import { BLANK, isPlainText, only, type Revealed, reveal, reversed } from "./revealed.ts";

/** Redacts tokens in text that is about to be printed. */
export interface Redactor {
  /** Blank text is ignored. */
  add(token: string): void;
  /** Stops redacting this token. */
  remove(token: string): void;
  /**
   * Returns the text without the tokens: in any letter case, in look-alike letters, backwards, percent-encoded, escaped
   * for JSON, C or HTML, as bytes in base64, hex or decimal, each repeatedly, too, split by HTML or by anything that is
   * neither a letter nor a digit, or truncated; and without values after `Bearer` or the name of a secret. Each is
   * replaced by its first characters and its length.
   */
  redact(text: string): string;
}

/** A token's position in a text, and its replacement. */
interface Found {
  readonly start: number;
  readonly end: number;
  readonly shown: string;
}

interface Needle {
  readonly text: string;
  readonly shown: string;
  count: number;
}

/** A gram of a needle, and its offset. */
interface Part {
  readonly needle: Needle;
  readonly at: number;
}

const LETTERS = /[a-z0-9]+/gi;
const VISIBLE = /[\x21-\x7e]+/g;

/** Needles with fewer letters and digits are compared exactly; others by letters and digits only. */
const ENOUGH_LETTERS = 12;
/** Length of the substrings that a token is found by. */
const GRAM = 8;
const MAX_GRAMS = 16;
/** A part of a token this long is redacted anywhere; at the end of a text, `GRAM` characters suffice. */
const PART = 12;

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
      const view = reveal(text);
      const tight = reveal(text, BLANK);
      const decoded = LONG_RUN.test(view.text) ? decodings(view) : [];
      const found = [
        ...[tight, reversed(tight)].flatMap((part) => [
          ...byLetters.find(only(part, LETTERS)),
          ...exact.find(only(part, VISIBLE)),
        ]),
        ...named(view),
        ...[...decoded, ...readings(view)].flatMap((part) => [...byLetters.find(only(part, LETTERS))]),
      ];
      return replace(text, found);
    },
  };
}

/** A long word that may be a token in base64, but not a UUID or its parts. */
const LONG_RUN = /[a-z0-9+/_]{20}|[a-z0-9+/_-]{40}/i;

const visibleOf = (text: string): string => text.replace(/\s+/g, "").toLowerCase();
const lettersOf = (text: string): string => text.replace(/[^a-z0-9]+/gi, "").toLowerCase();
/** Of ASCII text, in which each unit is a character. */
function mirrored(text: string): string {
  let result = "";
  for (let index = text.length - 1; index >= 0; index -= 1) result += text[index];
  return result;
}

/** A set of texts to find, indexed by substrings. */
class Needles {
  readonly #byText = new Map<string, Needle>();
  readonly #byGram = new Map<string, readonly Part[]>();
  /** Needles shorter than a gram. */
  readonly #short = new Set<Needle>();

  add(text: string, shown: string): void {
    const known = this.#byText.get(text);
    if (known !== undefined) {
      known.count += 1;
      return;
    }
    const needle = { text, shown, count: 1 };
    this.#byText.set(text, needle);
    if (text.length < GRAM) this.#short.add(needle);
    for (const at of gramsOf(text)) {
      const gram = text.slice(at, at + GRAM);
      this.#byGram.set(gram, [...(this.#byGram.get(gram) ?? []), { needle, at }]);
    }
  }

  remove(text: string): void {
    const needle = this.#byText.get(text);
    if (needle === undefined) return;
    needle.count -= 1;
    if (needle.count > 0) return;
    this.#byText.delete(text);
    this.#short.delete(needle);
    for (const at of gramsOf(text)) {
      const gram = text.slice(at, at + GRAM);
      const others = this.#byGram.get(gram)?.filter((part) => part.needle !== needle) ?? [];
      if (others.length > 0) this.#byGram.set(gram, others);
      else this.#byGram.delete(gram);
    }
  }

  /** Whether a needle, or a part of one, is in the text, forwards or backwards; `find` returns which. */
  isIn(text: string): boolean {
    if (this.#byText.size === 0) return false;
    const backwards = mirrored(text);
    for (const { text: needle } of this.#short) {
      if (text.includes(needle) || backwards.includes(needle)) return true;
    }
    for (let index = 0; index + GRAM <= text.length; index += 1) {
      const [from, to] = [index, index + GRAM];
      if (this.#byGram.has(text.slice(from, to)) || this.#byGram.has(backwards.slice(from, to))) return true;
    }
    return false;
  }

  *find({ text: anyCase, starts, ends }: Revealed): Generator<Found> {
    if (this.#byText.size === 0) return;
    const text = anyCase.toLowerCase();
    // Backwards, what comes first in the text stands last.
    const found = (from: number, to: number, shown: string): Found => ({
      start: Math.min(starts[from] ?? 0, starts[to - 1] ?? 0),
      end: Math.max(ends[from] ?? 0, ends[to - 1] ?? 0),
      shown,
    });
    for (const { text: needle, shown } of this.#short) {
      for (
        let index = text.indexOf(needle);
        index >= 0;
        index = text.indexOf(needle, index + needle.length)
      ) {
        yield found(index, index + needle.length, shown);
      }
    }
    for (let index = 0; index + GRAM <= text.length; index += 1) {
      for (const { needle, at } of this.#byGram.get(text.slice(index, index + GRAM)) ?? []) {
        const { text: whole, shown } = needle;
        let [from, to] = [index, index + GRAM];
        while (from > 0 && index - from < at && text[from - 1] === whole[at - (index - from) - 1]) from -= 1;
        while (to < text.length && at + to - index < whole.length && text[to] === whole[at + to - index])
          to += 1;
        const isCutOff = to === text.length && index - from === at;
        if (to - from === whole.length || to - from >= PART || isCutOff) yield found(from, to, shown);
      }
    }
  }
}

/** Offsets of the grams to index: only some of them for a long text. */
function gramsOf(text: string): number[] {
  const step = Math.max(GRAM, Math.ceil(text.length / MAX_GRAMS));
  const grams: number[] = [];
  for (let at = 0; at + GRAM <= text.length; at += step) grams.push(at);
  return grams;
}

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
