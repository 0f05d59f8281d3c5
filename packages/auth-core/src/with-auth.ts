import type { Auth } from "./auth.ts";
import { AuthError } from "./errors.ts";
import type { AuthHeaders } from "./headers.ts";
import { own } from "./own.ts";
import { isWithin } from "./request-url.ts";
import type { Signal } from "./signal.ts";

/** Options of `withAuth`. */
export interface WithAuthOptions<R> {
  /** The absolute URL that `send` requests. */
  readonly url:
    | string
    | {
        /** The URL. */
        toString(): string;
      };
  /** Sends the request with these headers. Called again after a 401 if there is another token. */
  readonly send: (headers: AuthHeaders) => R | Promise<R>;
  /**
   * Whether the request got a 401. Called with what `send` returned or threw.
   *
   * @default `status` or `statusCode` is 401, on the response, the error, or the error's `response`
   */
  readonly isUnauthorized?: (answer: unknown) => boolean;
  /** Sign as this workspace. @default the single-workspace token */
  readonly workspaceId?: string;
  /** Also send `X-Workspace-ID`, which requires `workspaceId`. @default false */
  readonly source?: boolean;
  /** Aborts the token lookup. Pass it to your client as well. */
  readonly signal?: Signal;
}

/**
 * Signs a request of any HTTP client. `send` gets the headers if the URL is on the platform's origin, else none. After
 * a 401, returned or thrown, it sends once more if there is another token (see `Auth.recover`); otherwise the first
 * result is returned, or thrown.
 *
 * Redirects are up to your client: it must not forward these headers to another origin.
 *
 * @throws AuthError `PLATFORM_UNKNOWN` without a platform URL; those of `authHeaders`; what `send` throws; TypeError
 * unless the URL is absolute
 * @example
 * const response = await withAuth(auth, { url, send: (headers) => fetch(url, { headers }) });
 */
export async function withAuth<R>(auth: Auth, options: WithAuthOptions<R>): Promise<R> {
  const { url, send, isUnauthorized = is401, workspaceId, source, signal } = own(options);
  if (!send) throw new TypeError("withAuth requires `send`");
  const target = new URL(String(url));
  const call = { workspaceId, signal };
  const platform = auth.platformOrigin(workspaceId);
  if (platform === null) {
    throw new AuthError("PLATFORM_UNKNOWN", "No platform is configured; set PLATFORM_URL.");
  }
  if (!isWithin(target, platform)) return send({});
  const headers = await (source
    ? auth.selfSourceHeaders(workspaceId as string, call)
    : auth.authHeaders(workspaceId, call));
  // The platform changed during the token lookup.
  if ((headers.Origin ?? auth.platformOrigin(workspaceId)) !== platform) return send({});

  const first = await attempt(send, headers);
  if (!isUnauthorized(first.answer)) return outcome(first);
  const fresh = await auth.recover(headers, call);
  if (fresh === null) return outcome(first);
  // Not awaited: a client may read the rest of the body, which may never end.
  void letGo(first.answer);
  return send(fresh);
}

type Attempt<R> =
  | { readonly ok: true; readonly answer: R }
  | { readonly ok: false; readonly answer: unknown };

async function attempt<R>(send: WithAuthOptions<R>["send"], headers: AuthHeaders): Promise<Attempt<R>> {
  try {
    return { ok: true, answer: await send(headers) };
  } catch (answer) {
    return { ok: false, answer };
  }
}

function outcome<R>(attempted: Attempt<R>): R {
  if (attempted.ok) return attempted.answer;
  throw attempted.answer;
}

/** Recognizes 401 responses of fetch, undici, got and Node's client, and 401 errors of axios, got and ky. */
function is401(answer: unknown): boolean {
  return [answer, member(answer, "response")].some((each) =>
    [member(each, "status"), member(each, "statusCode")].includes(401),
  );
}

/** Discards a response to free its connection, whatever the client. */
async function letGo(answer: unknown): Promise<void> {
  try {
    const body = member(answer, "body");
    for (const [holder, name] of [
      [body, "cancel"],
      [body, "dump"],
      [answer, "resume"],
    ] as const) {
      const free = member(holder, name);
      if (typeof free === "function") return await Reflect.apply(free, holder, []);
    }
  } catch {
    // The body has already broken off, or is in use.
  }
}

function member(holder: unknown, name: string): unknown {
  return typeof holder === "object" && holder !== null ? Reflect.get(holder, name) : undefined;
}
