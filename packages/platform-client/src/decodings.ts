import { only, type Revealed } from "./revealed.ts";

const BASE64 = /[a-z0-9+/_-]+/gi;
const HEX = /[0-9a-f]+/gi;
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

const base64Digit = (character: string): number =>
  ALPHABET.indexOf(character === "-" ? "+" : character === "_" ? "/" : character);
const hexDigit = (character: string): number => Number.parseInt(character, 16);

/** Text that may be encoded again. Other text matches by chance once in a billion times. */
const ENCODED_AGAIN = /[a-z0-9+/_-]{16}/i;
/** How often a text may have been encoded. */
const MAX_TIMES = 3;

/**
 * Decodes a whole text as base64 or base64url (RFC 4648), and as hex, starting at each of its first characters, because
 * an encoded part may begin at any of them. Decodes the results again if they may be encoded, too.
 */
export function decodings(view: Revealed, times = MAX_TIMES): Revealed[] {
  const base64 = only(view, BASE64);
  const hex = only(view, HEX);
  const found = [
    ...[0, 1, 2, 3].map((offset) => decoded(base64, { offset, bits: 6, digit: base64Digit })),
    ...[0, 1].map((offset) => decoded(hex, { offset, bits: 4, digit: hexDigit })),
  ];
  if (times === 1) return found;
  const again = found.filter(({ text }) => ENCODED_AGAIN.test(text));
  return [...found, ...again.flatMap((part) => decodings(part, times - 1))];
}

interface Encoding {
  readonly offset: number;
  /** Bits per character. */
  readonly bits: number;
  readonly digit: (character: string) => number;
}

function decoded({ text, starts, ends }: Revealed, { offset, bits, digit }: Encoding): Revealed {
  const result = { text: "", starts: [] as number[], ends: [] as number[] };
  let pending = 0;
  let length = 0;
  for (let index = offset; index < text.length; index += 1) {
    pending = ((pending << bits) | digit(text[index] ?? "")) & 0xffff;
    length += bits;
    if (length < 8) continue;
    length -= 8;
    result.text += String.fromCharCode((pending >> length) & 0xff);
    result.starts.push(starts[index - 1] ?? 0);
    result.ends.push(ends[index] ?? 0);
  }
  return result;
}
