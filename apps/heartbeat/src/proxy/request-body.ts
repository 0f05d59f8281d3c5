import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";

/** A body up to this size can be repeated with another token. */
const REPLAY_BYTES = 256 * 1_024;

/** The body exceeds the limit. */
export class BodyTooLong extends Error {}

/** A request's body: a small one is buffered so that it can be sent twice, a larger one is streamed. */
export interface RequestBody {
  readonly canRepeat: boolean;
  /** The body to send, or `null`. Can be read once, unless it is repeatable. */
  take(): Buffer | Readable | null;
}

/**
 * Reads a body up to the size that can be repeated; the rest stays in the request until it is read.
 *
 * @throws BodyTooLong, here or from the stream; the error of an interrupted request
 */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<RequestBody> {
  if (!hasBody(request)) return { canRepeat: true, take: () => null };
  if (Number(request.headers["content-length"] ?? 0) > maxBytes) throw new BodyTooLong();
  const chunks: Buffer[] = [];
  let size = 0;
  const source = request[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  while (size <= REPLAY_BYTES) {
    const { done, value } = await source.next();
    if (done) {
      const whole = Buffer.concat(chunks);
      return { canRepeat: true, take: () => whole };
    }
    chunks.push(value);
    size += value.length;
  }
  async function* rest(): AsyncGenerator<Buffer> {
    yield* chunks.splice(0);
    for (;;) {
      if (size > maxBytes) throw new BodyTooLong();
      const { done, value } = await source.next();
      if (done) return;
      size += value.length;
      yield value;
    }
  }
  return { canRepeat: false, take: () => Readable.from(rest(), { objectMode: false }) };
}

/** RFC 9112, section 6.3. */
const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
