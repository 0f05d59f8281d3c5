import type { Auth } from "./auth.ts";
import { AuthError } from "./errors.ts";
import type { AuthHeaders } from "./headers.ts";
import { own } from "./own.ts";
import { discard, type Hop, sendWithinOrigin, sentOnce } from "./redirects.ts";
import { isWithin, resolveUrl } from "./request-url.ts";
import { MOST_READS } from "./token-cache.ts";
import { validateWorkspaceId } from "./workspace-id.ts";

/** The current runtime's `fetch` type. This package's own types depend on neither the DOM nor Node. */
export type Fetch = typeof globalThis extends { fetch: infer F } ? F : (input: string) => Promise<unknown>;

/** How `createAuthFetch` signs and sends requests. */
export interface AuthFetchOptions {
  /** Sign as this workspace. @default the single-workspace token */
  readonly workspaceId?: string;
  /** Sends the requests. @default the runtime's `fetch` */
  readonly fetch?: Fetch;
  /** Also send `X-Workspace-ID`: for messages that a workspace itself posts to an A2A endpoint. @default false */
  readonly source?: boolean;
}

/**
 * A `fetch` that signs requests to the platform's origin and sends all others unsigned. A path
 * (`"/registry/heartbeat"`) is relative to the platform's base URL. The signature replaces headers of the same name.
 * The request's signal also aborts the token lookup.
 *
 * After a 401, it retries once with another token (see `Auth.recover`). Without another token, or when the body is a
 * stream and cannot be sent twice, it returns the 401; in the latter case the next request uses the other token.
 * It follows redirects within the platform's origin only. After a 401 behind a redirect, it retries the redirected
 * request, not the original one, which was already accepted.
 *
 * @throws AuthError (from the call) `PLATFORM_UNKNOWN` without a platform URL, or if the headers name another `Origin`;
 * `REDIRECT_REJECTED`; those of `authHeaders`
 * @example
 * const platform = createAuthFetch(auth);
 * const response = await platform("/workspaces/0f8fad5b-d9cb-469f-a165-70867728950e/delegations");
 */
export function createAuthFetch(auth: Auth, options: AuthFetchOptions = {}): Fetch {
  const { workspaceId: id, source, fetch: given } = own(options);
  const workspaceId = id === undefined ? undefined : validateWorkspaceId(id);
  if (source && workspaceId === undefined) {
    throw new AuthError("WORKSPACE_ID_INVALID", "`source` requires `workspaceId`, the sending workspace.");
  }
  const send: typeof fetch = given ?? ((input, init) => fetch(input, init));

  const held = new WeakMap<object, unknown>();

  return async (input, init) => {
    // A copy taken once, at the call: the URL that is checked is the URL that is sent to.
    const request = input instanceof Request ? new Request(input) : null;
    const text = request ? request.url : String(input);
    const rest: Init = { ...init };
    // Like `fetch`, reads what is inherited, because `init` may be a `Request`; but not from `Object.prototype`.
    for (const name in init) if (!(name in {})) Reflect.set(rest, name, Reflect.get(init, name));
    // `null` is no signal, as for `fetch`.
    const { signal = request?.signal } = rest as { signal?: AbortSignal };
    if (signal) {
      rest.signal = signal;
      // In Node 20, the signal of a Request that was collected no longer aborts.
      held.set(signal, [input, request]);
    }
    const call = { workspaceId, signal };
    const headers = new Headers(rest.headers ?? request?.headers);
    for (let tries = 0; tries < MOST_READS; tries += 1) {
      const base = auth.platformUrl(workspaceId);
      if (base === null) {
        throw new AuthError("PLATFORM_UNKNOWN", "No platform is configured; set PLATFORM_URL.");
      }
      const url = resolveUrl(text, base);
      const { href, origin } = url;
      const target = request ?? href;
      if (!isWithin(url, auth.platformOrigin(workspaceId))) return send(target, init && rest);
      const signature = await (source
        ? auth.selfSourceHeaders(workspaceId as string, call)
        : auth.authHeaders(workspaceId, call));
      // If the platform changed during the lookup, this token may be the new platform's, and a path would resolve there.
      if ((signature.Origin ?? auth.platformOrigin(workspaceId)) === origin) {
        return sendSigned({ url: href, input: target, init: { ...rest, headers } }, signature, call);
      }
    }
    throw new AuthError("PLATFORM_UNKNOWN", "The headers name another Origin.");
  };

  async function sendSigned(hop: Hop, signature: AuthHeaders, call: object): Promise<Response> {
    const again = repeatable(hop.input, hop.init);
    const sendWith = ({ url, input, init }: Hop, own: AuthHeaders) =>
      sendWithinOrigin(send, { url, input, init: { ...init, headers: withSignature(init.headers, own) } });
    const { response, redirected } = await sendWith(hop, signature);
    if (response.status !== 401) return response;
    // Recover even when this request cannot be resent, so that the next one does not get a 401, too.
    const fresh = await auth.recover(signature, call);
    // The request that was redirected has been accepted; resending it would run it twice.
    const retry = redirected ?? (again === null ? null : { ...hop, input: again });
    if (fresh === null || retry === null) return response;
    void discard(response);
    return (await sendWith(retry, fresh)).response;
  }
}

type Input = Parameters<typeof fetch>[0];
type Init = NonNullable<Parameters<typeof fetch>[1]>;

/** What to send after a 401; `null` if the body cannot be sent twice. */
function repeatable(input: Input, init: Init): Input | null {
  const body = init.body ?? null;
  if (body !== null) return sentOnce(body) ? null : input;
  // A Request's body is always a stream: only a clone made before sending can be read again.
  return input instanceof Request ? input.clone() : input;
}

function withSignature(headers: Init["headers"], signature: AuthHeaders): Headers {
  const signed = new Headers(headers);
  for (const [name, value] of Object.entries(signature)) signed.set(name, value);
  return signed;
}
