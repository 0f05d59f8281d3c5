import { brotliDecompressSync, constants, gunzipSync, inflateSync } from "node:zlib";

/**
 * Decodes the content of an answer (RFC 9110, section 8.4). No request asks for compression, but some servers and edges
 * compress anyway, and a token in such an answer is issued only once.
 *
 * @returns the content itself if it has no known coding; `null` when there is more than `maxBytes`
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

/** An interrupted answer is decoded as far as it was received. */
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
