import type { Signal } from "@x/auth-core";

/** One request as sent. */
export interface TransportRequest {
  readonly method: "GET" | "POST" | "DELETE";
  /** Absolute. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON text; `null`: none. */
  readonly body: string | null;
  /** Aborts the request; the promise rejects with any error. */
  readonly signal: Signal | undefined;
  /** For connecting, sending, and reading the whole response. On timeout, reject with the code `TIMEOUT`. */
  readonly timeoutMs: number;
  /** The rest of a longer response is not read. */
  readonly maxBytes: number;
}

/** A response, read to its end. */
export interface TransportResponse {
  /** HTTP status; 0 for a redirect hidden by the browser. */
  readonly status: number;
  readonly headers: {
    /** A header by its lower-case name; `null` or `undefined`: absent. */
    get(name: string): string | null | undefined;
  };
  /** `null`: longer than `maxBytes`. */
  readonly text: string | null;
}

/**
 * Sends requests, over `fetch`, a connection pool, or in a test. Never follows redirects and never retries.
 *
 * A rejection means that there is no response. The `code` of the error, or of its `cause`, becomes the failure's code;
 * its message is never shown, because it may quote a header. When a response broke off, the rejection may carry what had
 * arrived as `received` (a {@link TransportResponse}, not enumerable), so that a token in it is not lost.
 */
export interface Transport {
  /** Sends synchronously, and reads the whole response. */
  request(request: TransportRequest): Promise<TransportResponse>;
}
