import type { Auth } from "./auth.ts";
import { AuthError } from "./errors.ts";
import type { AuthHeaders } from "./headers.ts";
import { own } from "./own.ts";
import { discard, type Hop, sendWithinOrigin, sentOnce } from "./redirects.ts";
import { isWithin, resolveUrl } from "./request-url.ts";
import { validateWorkspaceId } from "./workspace-id.ts";

/** `fetch` as the runtime at hand declares it; this package's own types need neither the DOM's nor Node's. */
export type Fetch = typeof globalThis extends { fetch: infer F } ? F : (input: string) => Promise<unknown>;

/** How a `createAuthFetch` signs and sends. */
export interface AuthFetchOptions {
  /** Sign as this workspace. @default with the single-workspace token */
  readonly workspaceId?: string;
  /** What sends. @default the runtime's `fetch` */
  readonly fetch?: Fetch;
  /** Also send `X-Workspace-ID`: for a workspace's own posts to an A2A endpoint. @default false */
  readonly source?: boolean;
}

/**
 * A `fetch` that signs requests to the platform's origin, and sends all others unsigned. A path (`"/registry/heartbeat"`)
 * is below the platform's base URL. The signature's headers replace ones of the same name. The request's signal also
 * ends the search for a token.
 *
 * A 401 is recovered from once (see `Auth.recover`). When there is no other token, the 401 is returned; also when the
 * body is a stream and cannot be sent twice, but the next request goes out with the other token.
 * Redirects are followed within the platform's origin only. A 401 behind one is recovered from there: what led to it
 * was accepted, and is not sent again.
 *
 * @throws AuthError (from the call) `PLATFORM_UNKNOWN` without a platform URL; `REDIRECT_REJECTED`; those of
 * `authHeaders`
 * @example
 * const platform = createAuthFetch(auth);
 * const response = await platform("/workspaces/agent-7/delegations");
 */
export function createAuthFetch(auth: Auth, options: AuthFetchOptions = {}): Fetch {
  const { workspaceId: id, source, fetch: given } = own(options);
  const workspaceId = id === undefined ? undefined : validateWorkspaceId(id);
  if (source && workspaceId === undefined) {
    throw new AuthError("WORKSPACE_ID_INVALID", "`source` needs a `workspaceId`: the one that sends.");
  }
  const send: typeof fetch = given ?? ((input, init) => fetch(input, init));

  return async (input, init) => {
    // As they are at the call, and converted once: what is checked is what is sent.
    const request = input instanceof Request ? new Request(input) : null;
    const text = request ? request.url : String(input);
    const rest: Init = { ...init };
    const signal = rest.signal ?? request?.signal;
    const call = { ...(workspaceId !== undefined && { workspaceId }), ...(signal && { signal }) };
    const headers = new Headers(rest.headers ?? request?.headers);
    for (;;) {
      const base = auth.platformUrl(workspaceId);
      if (base === null) {
        throw new AuthError("PLATFORM_UNKNOWN", "No platform to send the token to; set PLATFORM_URL.");
      }
      const url = resolveUrl(text, base);
      const { href, origin } = url;
      const target = request ?? href;
      if (!isWithin(url, auth.platformOrigin(workspaceId) ?? "")) return send(target, init && rest);
      const signature = await (source && workspaceId !== undefined
        ? auth.selfSourceHeaders(workspaceId, call)
        : auth.authHeaders(workspaceId, call));
      // Another platform was set meanwhile, and this may be its token: a path is below that one now.
      if ((signature.Origin ?? auth.platformOrigin(workspaceId)) === origin) {
        return sendSigned({ url: href, input: target, init: { ...rest, headers } }, signature, call);
      }
    }
  };

  async function sendSigned(hop: Hop, signature: AuthHeaders, call: object): Promise<Response> {
    const again = repeatable(hop.input, hop.init);
    const sendWith = ({ url, input, init }: Hop, own: AuthHeaders) =>
      sendWithinOrigin(send, { url, input, init: { ...init, headers: withSignature(init.headers, own) } });
    const { response, redirected } = await sendWith(hop, signature);
    if (response.status !== 401) return response;
    // Also when this request cannot be sent again: the next one shall not be rejected, too.
    const fresh = await auth.recover(signature, call);
    // Whoever answered with a redirect had let the request in; it is not to happen twice.
    const refused = redirected ?? (again === null ? null : { ...hop, input: again });
    if (fresh === null || refused === null) return response;
    await discard(response);
    return (await sendWith(refused, fresh)).response;
  }
}

type Input = Parameters<typeof fetch>[0];
type Init = NonNullable<Parameters<typeof fetch>[1]>;

/** What to send when the first answer is a 401; `null` when the body cannot be sent twice. */
function repeatable(input: Input, init: Init): Input | null {
  const body = init.body ?? null;
  if (body !== null) return sentOnce(body) ? null : input;
  // A request's body is a stream, whatever it was made of: only a copy made beforehand can be read again.
  return input instanceof Request && input.body !== null ? input.clone() : input;
}

function withSignature(headers: Init["headers"], signature: AuthHeaders): Headers {
  const signed = new Headers(headers);
  for (const [name, value] of Object.entries(signature)) signed.set(name, value);
  return signed;
}
