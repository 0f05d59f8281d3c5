import { type AuthHeaders, type CallOptions, isAuthError, type Signal } from "@x/auth-core";
import type { ClientAuth } from "./auth.ts";
import { notSent } from "./classify.ts";
import type { Endpoint } from "./endpoints.ts";
import type { Sender } from "./platform.ts";
import type { PlatformFailure } from "./result.ts";
import { printable } from "./text.ts";

const BEARER = "Bearer ";

/** Headers without waiting, if possible. */
export function signNow({ auth, workspaceId }: Sender, { isMessage }: Endpoint<unknown>): AuthHeaders | null {
  return isMessage || !hasOwnPair(auth) ? null : (auth.authHeadersNow?.(workspaceId) ?? null);
}

/**
 * Whether one object or class defines both methods. A wrapper, a subclass or a `Proxy` may replace `authHeaders` alone,
 * and a polluted `Object.prototype` may supply `authHeadersNow`.
 */
function hasOwnPair(auth: ClientAuth): boolean {
  let holder: object | null = auth;
  while (holder !== null && !Object.hasOwn(holder, "authHeaders")) holder = Object.getPrototypeOf(holder);
  if (holder === null || !Object.hasOwn(holder, "authHeadersNow")) return false;
  return Reflect.get(holder, "authHeaders") === auth.authHeaders;
}

export function sign(
  { auth, workspaceId }: Sender,
  { isMessage }: Endpoint<unknown>,
  options: CallOptions,
): Promise<AuthHeaders> {
  return isMessage ? auth.selfSourceHeaders(workspaceId, options) : auth.authHeaders(workspaceId, options);
}

/** The token in these headers; `null`: none. */
export function bearerOf({ Authorization }: AuthHeaders): string | null {
  return Authorization === undefined ? null : Authorization.slice(BEARER.length);
}

/**
 * Checked immediately before sending, whatever was awaited before: headers made for another platform are never sent.
 *
 * @throws AuthError `PLATFORM_URL_INVALID`, if the configured platform URL has become invalid
 */
export function originProblem(
  { auth, workspaceId, platform }: Sender,
  headers: AuthHeaders,
): PlatformFailure | null {
  const current = auth.platformOrigin(workspaceId);
  if (current === platform.origin && headers.Origin === current) return null;
  return current === null
    ? notSent("invalid", "PLATFORM_UNKNOWN", "nothing was sent: no platform URL says where the token may go")
    : notSent("invalid", "PLATFORM_CHANGED", "nothing was sent: another platform is configured now");
}

/**
 * Turns a failure to create headers into a result.
 *
 * @throws errors that are neither AuthErrors nor caused by the signal
 */
export function unsignable(
  error: unknown,
  signal: Signal | undefined,
  secrets: readonly string[],
): PlatformFailure {
  if (signal?.aborted) return aborted("no");
  if (isAuthError(error)) return notSent("invalid", error.code, printable(error.message, { secrets }));
  throw error;
}

export function aborted(sent: "no" | "maybe"): PlatformFailure {
  return { ...notSent("aborted", "ABORTED", "aborted by the caller"), sent };
}
