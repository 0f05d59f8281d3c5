import type { Signal } from "@x/auth-core";
import type { Transport, TransportRequest, TransportResponse } from "./transport.ts";

/** What the client needs of `fetch`: every runtime's fits, and so do undici's and a test's. */
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

/** What the client needs of a `Response`. */
export interface FetchResponse {
  readonly status: number;
  readonly headers: {
    /** A field by its name in lower case; `null`: there is none. */
    get(name: string): string | null;
  };
  readonly body: {
    /** Begins to read. */
    getReader(): BodyReader;
  } | null;
}

/** Reads a body piece by piece. */
export interface BodyReader {
  /** The next piece, or the end. */
  read(): Promise<{ done: boolean; value?: Uint8Array | undefined }>;
  /** No more is wanted. */
  cancel(): Promise<void>;
}

/**
 * A transport over `fetch`.
 *
 * @param fetchLike called without `this`. @default the runtime's, looked up with each request
 */
export function fetchTransport(fetchLike?: FetchLike): Transport {
  return { request: (request) => send(fetchLike ?? (fetch as FetchLike), request) };
}

/** Settles when time is up or the signal aborts, also with a `fetch` that does not listen to its signal. */
function send(fetchLike: FetchLike, request: TransportRequest): Promise<TransportResponse> {
  const { signal, timeoutMs } = request;
  return new Promise((resolve, reject) => {
    const controller = new AbortController();
    const giveUp = (reason: unknown) => {
      reject(reason);
      controller.abort(reason);
    };
    const abort = () => giveUp(signal?.reason);
    const timer = setTimeout(() => giveUp({ code: "TIMEOUT" }), timeoutMs);
    const cleanUp = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
    };
    signal?.addEventListener("abort", abort);
    exchange(fetchLike, request, controller.signal).then(resolve, reject).finally(cleanUp);
    if (signal?.aborted) abort();
  });
}

async function exchange(
  fetchLike: FetchLike,
  { method, url, headers, body, maxBytes }: TransportRequest,
  signal: Signal,
): Promise<TransportResponse> {
  const response = await fetchLike(url, {
    method,
    headers: { ...headers },
    ...(body !== null && { body }),
    redirect: "manual",
    signal,
  });
  const text = await readText(response.body, maxBytes);
  return { status: response.status, headers: response.headers, text };
}

/** UTF-8; `null` when it is longer than `maxBytes`, of which the rest is not read. */
async function readText(body: FetchResponse["body"], maxBytes: number): Promise<string | null> {
  if (body === null) return "";
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (value === undefined || done) return text + decoder.decode();
    size += value.length;
    if (size > maxBytes) {
      reader.cancel().catch(() => {});
      return null;
    }
    text += decoder.decode(value, { stream: true });
  }
}
