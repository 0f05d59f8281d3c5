import type { Revealed } from "./revealed.ts";

/** A token's position in a text, and its replacement. */
export interface Found {
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

/** Length of the substrings that a token is found by. */
const GRAM = 8;
const MAX_GRAMS = 16;
/**
 * A part of a token this long is redacted anywhere if it contains an indexed gram; with 15 characters it does, unless the
 * token is longer than 128. At the beginning of a token that the end of the text cuts off, `GRAM` characters suffice.
 */
const PART = 12;

/** A set of texts to find, indexed by substrings. */
export class Needles {
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

/** Of ASCII text, in which each unit is a character. */
function mirrored(text: string): string {
  let result = "";
  for (let index = text.length - 1; index >= 0; index -= 1) result += text[index];
  return result;
}
