import { Transform } from "node:stream";

const STAR = "*".charCodeAt(0);

/**
 * Replaces tokens in a stream with asterisks, one per byte, so that lengths do not change. Passes everything on at
 * once, except an end that might be the beginning of a token.
 */
export function redactStream(...tokens: readonly string[]): Transform {
  const needles = tokens.map((token) => Buffer.from(token));
  let held: Buffer = Buffer.alloc(0);
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const bytes = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
      const shown = needles.reduce(redacted, bytes);
      const length = Math.max(0, ...needles.map((needle) => beginningAtEnd(shown, needle)));
      held = shown.subarray(shown.length - length);
      done(null, shown.subarray(0, shown.length - length));
    },
    flush(done) {
      done(null, held);
    },
  });
}

/** Returns the bytes themselves if nothing changes, else a copy. */
function redacted(bytes: Buffer, needle: Buffer): Buffer {
  let shown = bytes;
  for (let at = bytes.indexOf(needle); at >= 0; at = bytes.indexOf(needle, at + needle.length)) {
    if (shown === bytes) shown = Buffer.from(bytes);
    shown.fill(STAR, at, at + needle.length);
  }
  return shown;
}

/** How many bytes at the end match the beginning of a token. */
function beginningAtEnd(bytes: Buffer, needle: Buffer): number {
  for (let length = Math.min(needle.length - 1, bytes.length); length > 0; length -= 1) {
    if (bytes.subarray(bytes.length - length).equals(needle.subarray(0, length))) return length;
  }
  return 0;
}
