import type { AuthHeaders, Signal } from "@x/auth-core";
import type { Platform } from "./platform.ts";
import type { TransportRequest, TransportResponse } from "./transport.ts";

/** How long to wait, after an abort, for a response that cannot be fetched again. */
const GRACE_MS = 3_000;

const JSON_BODY = { "Content-Type": "application/json" } as const;

/** A signed request. */
export interface SignedRequest {
  readonly method: TransportRequest["method"];
  readonly url: string;
  readonly headers: AuthHeaders;
  readonly body: string | null;
  readonly signal: Signal | undefined;
  readonly timeoutMs: number;
  readonly maxBytes: number;
  /** The response may contain a token, which is sent only once. */
  readonly mayIssue: boolean;
}

/** Passes a request to the transport synchronously. */
export function send(platform: Platform, request: SignedRequest): Promise<TransportResponse> {
  const { method, url, body, signal, maxBytes, timeoutMs } = request;
  // Not spread into a literal: in V8 that is twenty times slower, a twentieth of a request's cost.
  const headers: Record<string, string> = Object.assign(
    {},
    request.headers,
    body === null ? null : JSON_BODY,
    platform.ownHeaders,
  );
  const dispatch = (until: Signal | undefined) =>
    platform.transport.request({ method, url, headers, body, signal: until, timeoutMs, maxBytes });
  try {
    const mayEndLater = signal !== undefined && request.mayIssue;
    return Promise.resolve(mayEndLater ? afterGrace(signal, dispatch) : dispatch(signal));
  } catch (error) {
    return Promise.reject(error);
  }
}

/** Runs with a signal that aborts later than the given one. */
function afterGrace<T>(signal: Signal, run: (signal: Signal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const abort = () => {
    timer = setTimeout(() => controller.abort(signal.reason), GRACE_MS);
  };
  signal.addEventListener("abort", abort, { once: true });
  return run(controller.signal).finally(() => {
    signal.removeEventListener("abort", abort);
    clearTimeout(timer);
  });
}
