import type { Signal } from "@x/auth-core";

/** One request as it goes on the wire. */
export interface TransportRequest {
  readonly method: "GET" | "POST" | "DELETE";
  /** Absolute. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON text; `null`: none. */
  readonly body: string | null;
  /** Aborts the request; the promise rejects with whatever it likes. */
  readonly signal: Signal | undefined;
  /** For all of it: connecting, sending, and reading the answer to its end. Then reject with the code `TIMEOUT`. */
  readonly timeoutMs: number;
  /** Of an answer that is larger, the rest is not read. */
  readonly maxBytes: number;
}

/** An answer, read to its end. */
export interface TransportResponse {
  /** HTTP status; 0 for a redirect that a browser hides. */
  readonly status: number;
  readonly headers: {
    /** A field by its name in lower case; `null` or `undefined`: there is none. */
    get(name: string): string | null | undefined;
  };
  /** `null`: longer than `maxBytes`. */
  readonly text: string | null;
}

/**
 * Carries requests: `fetch`, a connection pool, a test. It never follows a redirect and never repeats a request.
 *
 * A rejection counts as no answer. Its `code`, or that of its `cause`, becomes the failure's code; its message is never
 * shown, because it may quote a header.
 */
export interface Transport {
  /** Sends, synchronously, and reads the answer to its end. */
  request(request: TransportRequest): Promise<TransportResponse>;
}
