import { AuthError } from "./errors.ts";
import { isWithin } from "./request-url.ts";

type Send = typeof fetch;
type Input = Parameters<Send>[0];
type Init = NonNullable<Parameters<Send>[1]>;
type Mode = NonNullable<Init["redirect"]>;

/** The Fetch standard's limit. */
const MAX_REDIRECTS = 20;
/** A host name, or a part of one, long enough to hold a token: a token has 43 characters, and dots may split it. */
const LONG_NAME = /[^/:]{40,}|[^./:]{32,}/g;
const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308];

/** A request, with `fetch`'s arguments. */
export interface Hop {
  /** Absolute. */
  readonly url: string;
  readonly input: Input;
  readonly init: Init;
}

/** The response, and the request of the last redirect; `null` if there was none. */
interface Arrival {
  readonly response: Response;
  readonly redirected: Hop | null;
}

/**
 * Sends a request and follows redirects (RFC 9110, section 15.4) within the origin only: the headers of `init` are
 * secret. A redirect that would resend a body which can be sent only once is returned unfollowed.
 *
 * @throws AuthError `REDIRECT_REJECTED`
 */
export async function sendWithinOrigin(send: Send, { url, input, init }: Hop): Promise<Arrival> {
  // What only a `Request` has is missing from a string and a `URL`.
  const request = input as Partial<Request>;
  // Text, as `fetch` reads it: any other value might mean "follow" to `fetch` alone.
  const redirect = String(init.redirect ?? request.redirect ?? "follow") as Mode;
  if (redirect !== "follow") return { response: await send(input, { ...init, redirect }), redirected: null };

  let response = await send(input, { ...init, redirect: "manual" });
  let redirected: Hop | null = null;
  let here = url;
  let next: Init & { method: string } = { ...init, method: init.method ?? request.method ?? "GET" };
  const { origin } = new URL(url);
  let once = sentOnce(init.body ?? request.body);
  for (let hops = 0; ; hops += 1) {
    const location = locationOf(response);
    if (location === null) return { response, redirected };
    const target = parse(location, here);
    if (hops === MAX_REDIRECTS || !target || !isWithin(target, origin)) {
      void discard(response);
      throw rejected(
        hops === MAX_REDIRECTS ? `more than ${MAX_REDIRECTS} times.` : elsewhere(target, origin),
      );
    }
    if (asksForGet(response.status, next.method)) {
      const { body: _, ...rest } = next;
      next = { ...rest, method: "GET", headers: withoutContent(rest.headers) };
      once = false;
    }
    if (once) return { response, redirected };
    void discard(response);
    here = target.href;
    redirected = { url: here, input: here, init: next };
    response = await send(here, { ...next, redirect: "manual" });
  }
}

/** Discards a response, which frees its connection. Do not wait for it: it ends only once every clone is read or discarded. */
export async function discard(response: Response): Promise<void> {
  try {
    await response.body?.cancel();
  } catch {
    // The body has already broken off, or cannot be cancelled: node-fetch's is a Node stream.
  }
}

/** True for a body that can be sent only once: a stream. The package form-data's is a Node stream without an iterator. */
export function sentOnce(body: unknown): boolean {
  if (typeof body !== "object" || body === null) return false;
  return "getReader" in body || "pipe" in body || Symbol.asyncIterator in body;
}

function rejected(how: string): AuthError {
  return new AuthError("REDIRECT_REJECTED", `The platform redirected a signed request ${how}`);
}

function locationOf(response: Response): string | null {
  if (response.type === "opaqueredirect") {
    throw rejected("and the browser hides the target; use the final URL.");
  }
  return REDIRECTS.includes(response.status) ? response.headers.get("location") : null;
}

function parse(location: string, base: string): URL | undefined {
  try {
    return new URL(location, base);
  } catch {
    // Not a URL.
  }
}

function elsewhere(target: URL | undefined, origin: string): string {
  const isOther = target && target.origin !== origin;
  // The host name may contain anything that was sent to the platform, including the token.
  const where = isOther
    ? `another origin, ${target.origin.replace(LONG_NAME, "…")}`
    : "an invalid URL, or one with credentials";
  return `to ${where}; it was not followed. If that is the platform's new address, set PLATFORM_URL to it.`;
}

function asksForGet(status: number, method: string): boolean {
  // `fetch` normalizes "post" to "POST".
  const name = method.toUpperCase();
  return status === 303 ? name !== "HEAD" : status < 307 && name === "POST";
}

function withoutContent(init: Init["headers"]): Headers {
  const headers = new Headers(init);
  for (const name of ["encoding", "language", "location", "type", "length"])
    headers.delete(`content-${name}`);
  return headers;
}
