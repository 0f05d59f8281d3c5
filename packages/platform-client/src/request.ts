import type { Awaitable, Signal } from "@x/auth-core";
import type { PlatformFailure } from "./result.ts";

/** Options of every request. */
export interface RequestOptions {
  /**
   * Aborts the request. One whose response may contain a new token (register, rotate, mint) gets 3 s more once it is
   * sent, because that response cannot be fetched again.
   */
  readonly signal?: Signal | undefined;
  /** For this request, in milliseconds. More than 0. @default the client's */
  readonly timeoutMs?: number | undefined;
}

/** A request to an endpoint. */
export interface Request {
  /** Relative to the base URL, without a leading slash. */
  readonly path: string;
  readonly body: string | null;
  /** Called before the request is sent without a bearer token; a failure prevents it from being sent. */
  readonly beforeUnsigned: (() => Awaitable<PlatformFailure | null>) | null;
  /** Once aborted, nothing more is sent; a request already sent is still waited for. */
  readonly prepareSignal: Signal | undefined;
}

/** A plain request without options. */
export const ask = (path: string, body: string | null = null): Request => ({
  path,
  body,
  beforeUnsigned: null,
  prepareSignal: undefined,
});
