import type { Signal } from "@x/auth-core";
import type { Transport, TransportRequest, TransportResponse } from "./transport.ts";

/** The part of `fetch` that the client uses. Compatible with every runtime's and undici's. */
export type FetchLike = (
  url: string,
  init: {
    method: string;
    headers: Record<string, string>;
    body?: string;
    redirect: "manual";
    signal: Signal;
  },
) => Promise<FetchResponse>;

/** The part of `Response` that the client uses. */
export interface FetchResponse {
  readonly status: number;
  readonly headers: {
    /** A header by its lower-case name; `null`: absent. */
    get(name: string): string | null;
  };
  /** A Node stream, as node-fetch has it, is read, too. `undefined` where `fetch` has no streams: in React Native. */
  readonly body?:
    | {
        /** Starts reading. */
        getReader(): BodyReader;
      }
    | AsyncIterable<Uint8Array>
    | null
    | undefined;
  /** The whole body. Called only if `body` is `undefined`, or there is no `TextDecoder`, as in Jest's jsdom. */
  text?(): Promise<string>;
}

/** Reads a body in chunks. */
export interface BodyReader {
  /** The next chunk, or the end. */
  read(): Promise<{ done?: boolean | undefined; value?: Uint8Array | undefined }>;
  /** Stops reading. */
  cancel(): Promise<void>;
}

/**
 * Creates a transport over `fetch`.
 *
 * @param fetchLike called without `this`. @default the runtime's, looked up on each request
 */
export function fetchTransport(fetchLike?: FetchLike): Transport {
  return { request: (request) => send(fetchLike ?? (fetch as FetchLike), request) };
}

/** Settles at the timeout or when the signal aborts, even if `fetch` ignores its signal. */
function send(fetchLike: FetchLike, request: TransportRequest): Promise<TransportResponse> {
  const { signal, timeoutMs } = request;
  return new Promise((resolve, reject) => {
    const controller = new AbortController();
    const answer: Partial<Answer> = {};
    const fail = (reason: unknown) => reject(brokenOff(reason, answer));
    const giveUp = (reason: unknown) => {
      fail(reason);
      controller.abort(reason);
    };
    const abort = () => giveUp(signal?.reason);
    const timer = setTimeout(() => giveUp({ code: "TIMEOUT" }), timeoutMs);
    const cleanUp = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
    };
    signal?.addEventListener("abort", abort);
    exchange(fetchLike, request, controller.signal, answer).then(resolve, fail).finally(cleanUp);
    if (signal?.aborted) abort();
  });
}

async function exchange(
  fetchLike: FetchLike,
  { method, url, headers, body, maxBytes }: TransportRequest,
  signal: Signal,
  answer: Partial<Answer>,
): Promise<TransportResponse> {
  const response = await fetchLike(url, {
    method,
    headers: { ...headers },
    ...(body !== null && { body }),
    redirect: "manual",
    signal,
  });
  const { status, headers: fields } = response;
  const begun = Object.assign(answer, { status, headers: fields, text: "" });
  const text = await readText(response, maxBytes, begun);
  return { status, headers: fields, text };
}

/** The part of an answer that has arrived. */
interface Answer extends TransportResponse {
  text: string;
}

/** Adds the part that had arrived to the reason, in a new object: the reason may be frozen, or the caller's. */
const brokenOff = (reason: unknown, answer: Partial<Answer>): unknown =>
  answer.text ? Object.defineProperty({ cause: reason }, "received", { value: answer }) : reason;

/** Reads UTF-8 text; `null`, without reading the rest, if it is longer than `maxBytes`. */
async function readText(response: FetchResponse, maxBytes: number, answer: Answer): Promise<string | null> {
  const { body } = response;
  if (body === null) return "";
  if (body === undefined || typeof TextDecoder === "undefined") {
    const text = await response.text?.();
    if (text === undefined) throw new TypeError("fetch returned neither a body nor its text");
    return text.length > maxBytes ? null : text;
  }
  const reader = "getReader" in body ? body.getReader() : readerOf(body);
  const decoder = new TextDecoder();
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (value === undefined || done) return answer.text + decoder.decode();
    size += value.length;
    if (size > maxBytes) {
      reader.cancel().catch(() => {});
      return null;
    }
    answer.text += decoder.decode(value, { stream: true });
  }
}

function readerOf(body: AsyncIterable<Uint8Array>): BodyReader {
  const chunks = body[Symbol.asyncIterator]();
  return {
    read: async () => chunks.next(),
    cancel: async () => void (await chunks.return?.()),
  };
}
