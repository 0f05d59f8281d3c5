import fc, { type Arbitrary } from "fast-check";

const MARK = Uint8Array.of(0xef, 0xbb, 0xbf);

/** Invalid UTF-8: overlong, truncated, beyond the last code point, lone surrogates; and other encodings. */
const NO_UTF8 = [
  [0xc0, 0x8a],
  [0xe2, 0x82],
  [0xf4, 0x90, 0x80, 0x80],
  [0xed, 0xa0, 0x80],
  [0xff, 0xfe, 0x61, 0x00],
  [0x80],
].map((bytes) => Uint8Array.from(bytes));

/** Possible contents of a text file: valid text, with or without a BOM, and anything else. */
export function hostileBytes(texts: Arbitrary<string>): Arbitrary<Uint8Array> {
  const encoded = texts.map((text) => new TextEncoder().encode(text));
  const joined = (...parts: Arbitrary<Uint8Array>[]) => fc.tuple(...parts).map((all) => Buffer.concat(all));
  return fc.oneof(
    { weight: 8, arbitrary: encoded },
    { weight: 1, arbitrary: joined(fc.constant(MARK), encoded) },
    { weight: 1, arbitrary: joined(encoded, fc.constantFrom(...NO_UTF8)) },
    { weight: 1, arbitrary: joined(fc.constantFrom(...NO_UTF8), encoded) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 64 }) },
  );
}
