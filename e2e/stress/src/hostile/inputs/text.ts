import fc, { type Arbitrary } from "fast-check";

/** Known troublemakers. */
const TROUBLEMAKERS: readonly string[] = [
  // Line endings and control characters.
  ...["\r\n", "\n", "\r", "\0", "\t", "\x1b[2J", "\x7f", "\x80", "\x85"],
  // Invisible characters and look-alikes.
  ...["\xa0", "\xad", "\xff", "\u0130", "\u017f", "\u0430", "\u180e", "\u200b", "\u2028", "\u2029", "\u202e"],
  ...["\u212a", "\u3002", "\ud800", "\udfff", "\ufeff", "\uff0f", "\uff21", "\u{1d7d8}"],
  // What has a meaning in a header, a path, a URL or JSON.
  ...["\r\nX-Injected: 1", "\n folded", " ", "  ", "..", "/", "//", "\\", "%0d%0a", "%00"],
  ...["#", "?", "@", ":", ";", ",", '"', "'", "{", "]", "__proto__", "constructor", "toString"],
];

const piece = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...TROUBLEMAKERS) },
  { weight: 3, arbitrary: fc.string({ maxLength: 12 }) },
  { weight: 2, arbitrary: fc.string({ unit: "binary", maxLength: 6 }) },
  { weight: 1, arbitrary: fc.string({ unit: "grapheme", maxLength: 6 }) },
);

/** Consists of troublemakers only. */
export const nasty: Arbitrary<string> = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(""));

/** Lengths around the limits for truncation, rejection and different storage. */
const LENGTHS = [127, 128, 129, 4_096, 16_383, 16_384, 16_385, 70_000];

/** One piece, repeated to one of the relevant lengths. */
const long: Arbitrary<string> = fc
  .tuple(
    fc.oneof(
      fc.constant("a"),
      piece.filter((text) => text !== ""),
    ),
    fc.constantFrom(...LENGTHS),
  )
  .map(([text, length]) => text.repeat(Math.ceil(length / text.length)).slice(0, length));

/** A valid text with one or two mutations. */
export function mutated(valid: Arbitrary<string>): Arbitrary<string> {
  const change = fc.record({
    how: fc.constantFrom(...CHANGES),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    piece,
  });
  return fc.tuple(valid, fc.array(change, { minLength: 1, maxLength: 2 })).map(([text, changes]) => {
    let result = text;
    for (const { how, at, piece: part } of changes) {
      result = how(result, Math.floor(at * (result.length + 1)), part);
    }
    return result;
  });
}

const CHANGES: readonly ((text: string, at: number, part: string) => string)[] = [
  (text, at, part) => text.slice(0, at) + part + text.slice(at),
  (text, at, part) => text.slice(0, at) + part + text.slice(at + 1),
  (text, at) => text.slice(0, at) + text.slice(at + 1),
  (text, at) => text.slice(0, at),
  (text, at) => text.slice(0, at) + text.slice(at).toUpperCase(),
  (text, _at, part) => part + text + part,
  (text) => ` ${text}\n`,
  (text) => `\ufeff${text}`,
  (text) => text + text,
];

/** Values of other types. */
const NO_TEXT: readonly unknown[] = [
  ...[undefined, null, 0, -1, Number.NaN, 2 ** 53, 10n, true, false],
  ...[[], ["a"], {}, JSON.parse('{"__proto__":{"length":3}}'), new Date(0), new Uint8Array(3), () => "a"],
];

/**
 * Input for a field that expects a certain text: that text, near misses, troublemakers, oversized text, and values of
 * other types.
 */
export function hostile(valid: Arbitrary<string>): Arbitrary<unknown> {
  return fc.oneof(
    { weight: 8, arbitrary: valid },
    { weight: 8, arbitrary: mutated(valid) },
    { weight: 5, arbitrary: nasty },
    { weight: 1, arbitrary: fc.constantFrom(...NO_TEXT) },
    { weight: 1, arbitrary: fc.oneof(long, mutated(long)) },
  );
}

/** The same, but always a string: what an environment variable or a file can contain. */
export function hostileText(valid: Arbitrary<string>): Arbitrary<string> {
  return hostile(valid).map((value) => (typeof value === "string" ? value : describe(value)));
}

function describe(value: unknown): string {
  return typeof value === "object" && value !== null ? JSON.stringify(value) : typeof value;
}
