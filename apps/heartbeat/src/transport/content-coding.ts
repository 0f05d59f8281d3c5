import { brotliDecompressSync, constants, gunzipSync, inflateSync } from "node:zlib";

/**
 * The content of an answer without its coding (RFC 9110, section 8.4). No request asks for one, and there are servers and
 * edges that compress all the same; a token in such an answer is not issued a second time.
 *
 * @returns what came, if it is not coded that way; `null`: there is more than `maxBytes`
 */
export function withoutCoding(bytes: Buffer, coding: string, maxBytes: number): Buffer | null {
  const decode = DECODERS.get(coding.trim().toLowerCase());
  if (decode === undefined) return bytes;
  try {
    return decode(bytes, maxBytes);
  } catch (error) {
    const isLonger = error instanceof RangeError;
    return isLonger ? null : bytes;
  }
}

type Decode = (bytes: Buffer, maxOutputLength: number) => Buffer;

/** What broke off is decoded as far as it came. */
const finishFlush = constants.Z_SYNC_FLUSH;
const gunzip: Decode = (bytes, maxOutputLength) => gunzipSync(bytes, { maxOutputLength, finishFlush });

const DECODERS: ReadonlyMap<string, Decode> = new Map<string, Decode>([
  ["gzip", gunzip],
  ["x-gzip", gunzip],
  ["deflate", (bytes, maxOutputLength) => inflateSync(bytes, { maxOutputLength, finishFlush })],
  [
    "br",
    (bytes, maxOutputLength) =>
      brotliDecompressSync(bytes, { maxOutputLength, finishFlush: constants.BROTLI_OPERATION_FLUSH }),
  ],
]);
