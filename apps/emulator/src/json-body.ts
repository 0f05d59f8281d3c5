import type { Readable } from "node:stream";

/** A body that the route does not accept. */
export class BodyError extends Error {
  override name = "BodyError";
  readonly statusCode = 400;
  /** The route's limit in bytes, if the body was larger. */
  readonly maxBytes: number | undefined;

  constructor(message: string, options: { maxBytes?: number } = {}) {
    super(message);
    this.maxBytes = options.maxBytes;
  }
}

/** Larger bodies are rejected, */
const MAX_BODY_BYTES = 1024 * 1024;
/** but messages have a higher limit. */
export const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;
/** Beyond this, the rest is not read: the connection is closed. */
const MAX_DISCARDED_BYTES = 64 * 1024 * 1024;
/** Go's decoder stops at 10,000; serialising in JavaScript already overflows the stack below that. */
const MAX_DEPTH = 1_000;

/**
 * Reads a JSON body. Undefined if there is none. Before an oversized body is rejected, it is read to its end and
 * discarded: a client that is still sending would see a broken pipe instead of the answer.
 */
export async function readJson(payload: Readable, maxBytes = MAX_BODY_BYTES): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of payload as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= maxBytes) chunks.push(chunk);
    else if (size > MAX_DISCARDED_BYTES) break;
  }
  if (size > maxBytes) throw new BodyError(`the body is larger than ${maxBytes} bytes`, { maxBytes });
  return parseJson(Buffer.concat(chunks).toString());
}

function parseJson(text: string): unknown {
  if (text.trim() === "") return undefined;
  if (nestsTooDeep(text)) throw new BodyError(`the body nests deeper than ${MAX_DEPTH} levels`);
  try {
    return JSON.parse(text);
  } catch {
    throw new BodyError("the body is not JSON");
  }
}

function nestsTooDeep(text: string): boolean {
  if (text.length <= MAX_DEPTH) return false;
  let depth = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (inString) {
      if (char === "\\") i++;
      else if (char === '"') inString = false;
    } else if (char === '"') inString = true;
    else if (char === "[" || char === "{") {
      depth += 1;
      if (depth > MAX_DEPTH) return true;
    } else if (char === "]" || char === "}") depth -= 1;
  }
  return false;
}
