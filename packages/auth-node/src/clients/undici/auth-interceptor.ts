import { type Auth, withAuth } from "@x/auth-core";
import { ownProperties } from "../../own.ts";
import type { Controller, Dispatch, DispatchRequest, Handler } from "./dispatch.ts";
import { type HeldAnswer, isHeld, sendHolding401 } from "./held-answer.ts";
import { canBeSentTwice, signedWith } from "./signed-request.ts";

/** Options of an `authInterceptor`. */
export interface AuthInterceptorOptions {
  /** Sign as this workspace. @default the single-workspace token */
  readonly workspaceId?: string;
  /** Also send `X-Workspace-ID`: for messages that a workspace itself posts to an A2A endpoint. @default false */
  readonly source?: boolean;
  /**
   * The absolute URL that a `Pool` or `Client` connects to. Required for those, because they send every request there,
   * whatever its own origin.
   *
   * @default each request's own origin, as for an `Agent`
   */
  readonly origin?:
    | string
    | {
        /** The URL. */
        toString(): string;
      };
}

/**
 * The type that undici's `compose` takes.
 *
 * @typeParam D undici's `dispatch`
 */
export type AuthInterceptor = <D extends (request: never, handler: never) => boolean>(dispatch: D) => D;

/**
 * An interceptor for undici 7 or newer that signs requests to the platform's origin and sends all others unsigned. The
 * signature replaces headers of the same name. The request's signal also aborts the token lookup.
 *
 * After a 401, it retries once with another token (see `Auth.recover`). Without another token, or when the body is a
 * stream and cannot be sent twice, it passes the 401 on; in the latter case the next request uses the other token.
 *
 * Pass it to `compose` before `interceptors.redirect()`, so that each redirect is signed for its own target.
 *
 * A request fails with an AuthError `PLATFORM_UNKNOWN` without a platform URL, with the errors of `authHeaders`, and
 * with a TypeError if neither it nor `options.origin` names an origin.
 *
 * @example
 * const agent = new Agent().compose(authInterceptor(auth));
 */
export function authInterceptor(auth: Auth, options: AuthInterceptorOptions = {}): AuthInterceptor {
  const { workspaceId, source, origin } = ownProperties(options);
  const connectsTo = origin === undefined ? null : new URL(String(origin)).origin;
  const signing = {
    ...(workspaceId !== undefined && { workspaceId }),
    ...(source !== undefined && { source }),
  };

  const intercept =
    (dispatch: Dispatch): Dispatch =>
    (request, handler) => {
      // Read once, so that the checked origin is the one used: it may be a getter, or a `URL` that changes.
      const asked = request.origin;
      const target = asked === undefined ? connectsTo : new URL(String(asked)).origin;
      if (target === null) {
        throw new TypeError(
          "A request without an origin cannot be signed: pass authInterceptor the `origin` of the Pool or Client.",
        );
      }
      // A pool connects to its own origin, whatever the request's.
      const astray = connectsTo !== null && target !== connectsTo;
      if (astray || request.method === "CONNECT") return dispatch(request, handler);
      const own = { ...request, origin: asked && target };
      send(dispatch, own, handler, `${target}/`);
      return true;
    };
  return intercept as AuthInterceptor;

  async function send(dispatch: Dispatch, request: DispatchRequest, handler: Handler, url: string) {
    const repeatable = canBeSentTwice(request.body);
    let held = null as HeldAnswer | null;
    try {
      const last = await withAuth(auth, {
        ...signing,
        ...(isAbortSignal(request.signal) && { signal: request.signal }),
        url,
        isUnauthorized: isHeld,
        async send(headers) {
          // The recovered token is then for the next request.
          if (held !== null && !repeatable) return held;
          if (held !== null && !held.drop()) return null;
          held = await sendHolding401(dispatch, signedWith(request, headers), handler);
          return held;
        },
      });
      last?.release();
    } catch (error) {
      // If the connection failed in the meantime, the handler has already seen the error.
      if (held === null || held.drop()) handler.onResponseError?.(noConnection(error), error);
    }
  }
}

/** undici also accepts an `EventEmitter` as a signal. */
function isAbortSignal(signal: unknown): signal is AbortSignal {
  return typeof signal === "object" && signal !== null && "addEventListener" in signal && "aborted" in signal;
}

/** The controller of a request without a connection. */
const noConnection = (reason: unknown): Controller => ({
  pause() {},
  resume() {},
  abort() {},
  aborted: true,
  paused: false,
  reason,
});
