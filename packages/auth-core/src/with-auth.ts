import type { Auth } from "./auth.ts";
import { AuthError } from "./errors.ts";
import type { AuthHeaders } from "./headers.ts";
import { own } from "./own.ts";
import { isWithin } from "./request-url.ts";
import type { Signal } from "./signal.ts";

/** A request that `withAuth` signs. */
export interface WithAuthOptions<R> {
  /** Where the request goes: absolute. Must be what `send` sends to. */
  readonly url:
    | string
    | {
        /** The URL. */
        toString(): string;
      };
  /** Sends the request with these headers. Called once more after a 401, if there is another token. */
  readonly send: (headers: AuthHeaders) => R | Promise<R>;
  /**
   * Whether this is a 401. Called with what `send` gave, or with what it threw.
   *
   * @default `status` or `statusCode` is 401, of the answer, the error, or the error's `response`
   */
  readonly isUnauthorized?: (answer: unknown) => boolean;
  /** Sign as this workspace. @default with the single-workspace token */
  readonly workspaceId?: string;
  /** Also send `X-Workspace-ID`. @default false */
  readonly source?: boolean;
  /** Ends the search for a token. Hand it to your client as well. */
  readonly signal?: Signal;
}

/**
 * Signs a request of any HTTP client: when its URL is one of the platform's, `send` gets the headers, else none. After
 * a 401 it is sent once more, if there is another token (see `Auth.recover`); a 401 that is thrown counts as well.
 * Without another token what came first is returned, or thrown.
 *
 * Redirects are your client's: it must not carry these headers to another origin.
 *
 * @throws AuthError `PLATFORM_UNKNOWN` without a platform URL; those of `authHeaders`; whatever `send` throws; TypeError
 * for a URL that is not absolute
 * @example
 * const response = await withAuth(auth, { url, send: (headers) => fetch(url, { headers }) });
 */
export async function withAuth<R>(auth: Auth, options: WithAuthOptions<R>): Promise<R> {
  const { url, send, isUnauthorized = is401, workspaceId, source, signal } = own(options);
  if (!send) throw new TypeError("withAuth needs `send`");
  const target = new URL(String(url));
  const call = { ...(workspaceId !== undefined && { workspaceId }), ...(signal && { signal }) };
  const platform = auth.platformOrigin(workspaceId);
  if (platform === null) {
    throw new AuthError("PLATFORM_UNKNOWN", "No platform to send the token to; set PLATFORM_URL.");
  }
  if (!isWithin(target, platform)) return send({});
  const headers = await (source && workspaceId !== undefined
    ? auth.selfSourceHeaders(workspaceId, call)
    : auth.authHeaders(workspaceId, call));
  // Another platform was set while the token was looked for.
  if ((headers.Origin ?? auth.platformOrigin(workspaceId)) !== platform) return send({});

  const first = await attempt(send, headers);
  if (!isUnauthorized("error" in first ? first.error : first.answer)) return outcome(first);
  const fresh = await auth.recover(headers, call);
  if (fresh === null) return outcome(first);
  if ("answer" in first) await letGo(first.answer);
  return send(fresh);
}

type Attempt<R> = { readonly answer: R } | { readonly error: unknown };

async function attempt<R>(send: WithAuthOptions<R>["send"], headers: AuthHeaders): Promise<Attempt<R>> {
  try {
    return { answer: await send(headers) };
  } catch (error) {
    return { error };
  }
}

function outcome<R>(attempted: Attempt<R>): R {
  if ("error" in attempted) throw attempted.error;
  return attempted.answer;
}

/** As fetch, undici, got and Node's own client answer, and as axios, got and ky throw. */
function is401(answer: unknown): boolean {
  return [answer, member(answer, "response")].some((each) =>
    [member(each, "status"), member(each, "statusCode")].includes(401),
  );
}

/** Frees the connection of an answer that nobody will read, whatever client it is of. */
async function letGo(answer: unknown): Promise<void> {
  const body = member(answer, "body");
  for (const [holder, name] of [
    [body, "cancel"],
    [body, "dump"],
    [answer, "resume"],
  ] as const) {
    const free = member(holder, name);
    if (typeof free !== "function") continue;
    // A body that broke off meanwhile cannot be let go of, and need not be.
    await Promise.resolve(Reflect.apply(free, holder, [])).catch(() => {});
    return;
  }
}

function member(holder: unknown, name: string): unknown {
  return typeof holder === "object" && holder !== null ? Reflect.get(holder, name) : undefined;
}
