import type { AuthHeaders, Signal } from "@x/auth-core";
import type { Platform } from "./platform.ts";
import type { TransportRequest, TransportResponse } from "./transport.ts";

/** How long an answer that cannot be asked for a second time is waited for after an abort. */
const GRACE_MS = 3_000;

/** A request, signed. */
export interface SignedRequest {
  readonly method: TransportRequest["method"];
  readonly url: string;
  readonly headers: AuthHeaders;
  readonly body: string | null;
  readonly signal: Signal | undefined;
  readonly timeoutMs: number | undefined;
  readonly maxBytes: number;
  /** The answer may hold a token that is issued only once. */
  readonly mayIssue: boolean;
}

/** Hands a request to the transport, synchronously: what was checked before the call holds when it is sent. */
export function send(platform: Platform, request: SignedRequest): Promise<TransportResponse> {
  const { method, url, body, signal, maxBytes, timeoutMs = platform.timeoutMs } = request;
  const headers: Record<string, string> = { ...request.headers };
  if (body !== null) headers["Content-Type"] = "application/json";
  if (platform.userAgent !== null) headers["User-Agent"] = platform.userAgent;
  const dispatch = (until: Signal | undefined) =>
    platform.transport.request({
      method,
      url,
      headers,
      body,
      signal: until,
      timeoutMs,
      maxBytes,
    });
  return signal !== undefined && request.mayIssue ? afterGrace(signal, dispatch) : dispatch(signal);
}

/** Runs with a signal that aborts later than this one. */
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
