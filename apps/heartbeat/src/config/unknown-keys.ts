/** The keys that an object may have. */
export interface KnownKeys {
  readonly keys: readonly string[];
  /** Common wrong names, and the fix: the end of a sentence that begins with the key. */
  readonly otherwise?: Readonly<Record<string, string>>;
  /** Other keys are allowed: only one that looks misspelt is reported. @default false */
  readonly isOpen?: boolean;
}

/** One sentence for each unknown key, with the key that was probably meant. */
export function unknownKeys(value: object, { keys, otherwise = {}, isOpen = false }: KnownKeys): string[] {
  const sentences: string[] = [];
  for (const key of Object.keys(value)) {
    // Notes for people: `_comment`, `$schema`.
    if (keys.includes(key) || /^[_$]/.test(key)) continue;
    const hint = Object.hasOwn(otherwise, plain(key)) ? otherwise[plain(key)] : undefined;
    const meant = nearest(key, keys);
    if (hint === undefined && meant === undefined && isOpen) continue;
    const way = hint ?? (meant === undefined ? `known are ${keys.join(", ")}` : `did you mean "${meant}"?`);
    sentences.push(`${shown(key)} is not known and is ignored; ${way}`);
  }
  return sentences;
}

/** Longer text, or text with other characters, may be a token in the wrong position. */
const shown = (key: string): string =>
  /^[\w .:-]{1,32}$/.test(key) ? `"${key}"` : "a key that is not shown here";

/** The same for every way of joining words. */
const plain = (key: string): string => key.toLowerCase().replace(/[^a-z0-9]/g, "");

function nearest(key: string, keys: readonly string[]): string | undefined {
  if (key.length > 64) return undefined;
  const [best] = keys
    .map((known) => ({ known, distance: distanceBetween(plain(key), plain(known)) }))
    .filter(({ known, distance }) => distance <= (plain(known).length > 4 ? 2 : 1))
    .sort((a, b) => a.distance - b.distance);
  return best?.known;
}

/** Number of letters left out, added, changed or swapped (optimal string alignment). */
function distanceBetween(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1];
      let least = Math.min(at(last, j) + 1, at(row, j - 1) + 1, at(last, j - 1) + (same ? 0 : 1));
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (isSwapped) least = Math.min(least, at(before, j - 2) + 1);
      row.push(least);
    }
    before = last;
    last = row;
  }
  return at(last, b.length);
}

const at = (row: readonly number[], index: number): number => row[index] ?? Number.POSITIVE_INFINITY;
