import { brotliDecompressSync, constants, gunzipSync, inflateRawSync, inflateSync } from "node:zlib";

/**
 * Decodes the content of an answer (RFC 9110, section 8.4). No request asks for compression, but some servers and edges
 * compress anyway, and a token in such an answer is issued only once.
 *
 * @returns the content itself if it has no known coding; `null` when there is more than `maxBytes`
 */
export function withoutCoding(bytes: Buffer, coding: string, maxBytes: number): Buffer | null {
  let content = bytes;
  try {
    // An edge may add its own to the server's; the last one was applied last.
    for (const each of coding.toLowerCase().split(",").slice(-MAX_CODINGS).reverse())
      content = DECODERS.get(each.trim())?.(content, maxBytes) ?? content;
    return content;
  } catch (error) {
    const isLonger = error instanceof RangeError;
    return isLonger ? null : content;
  }
}

const MAX_CODINGS = 3;

type Decode = (bytes: Buffer, maxOutputLength: number) => Buffer;

/** An interrupted answer is decoded as far as it was received. */
const finishFlush = constants.Z_SYNC_FLUSH;
/** Some servers omit the zlib header, which names the method 8; some say that they compress, and do not. */
const inflate: Decode = (bytes, maxOutputLength) => {
  const [first = 0] = bytes;
  if (first === OPENING_BRACE) return bytes;
  return (first % 16 === 8 ? inflateSync : inflateRawSync)(bytes, { maxOutputLength, finishFlush });
};
const OPENING_BRACE = 0x7b;
const gunzip: Decode = (bytes, maxOutputLength) => gunzipSync(bytes, { maxOutputLength, finishFlush });

const DECODERS: ReadonlyMap<string, Decode> = new Map<string, Decode>([
  ["gzip", gunzip],
  ["x-gzip", gunzip],
  ["deflate", inflate],
  [
    "br",
    (bytes, maxOutputLength) =>
      brotliDecompressSync(bytes, { maxOutputLength, finishFlush: constants.BROTLI_OPERATION_FLUSH }),
  ],
]);
