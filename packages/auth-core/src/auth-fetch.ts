import type { Auth } from "./auth.ts";
import { AuthError } from "./errors.ts";
import { discard, type Hop, sendWithinOrigin, sentOnce } from "./redirects.ts";
import { validateWorkspaceId } from "./workspace-id.ts";

/** `fetch` as the runtime at hand declares it; this package's own types need neither the DOM's nor Node's. */
export type Fetch = typeof globalThis extends { fetch: infer F } ? F : (input: string) => Promise<unknown>;

/** How a `createAuthFetch` signs and sends. */
export interface AuthFetchOptions {
  /** Sign as this workspace. Default: with the single-workspace token. */
  readonly workspaceId?: string;
  /** What sends. Default: the runtime's `fetch`. */
  readonly fetch?: Fetch;
  /** Also send `X-Workspace-ID`: for a workspace's own posts to an A2A endpoint. Default: false. */
  readonly source?: boolean;
}

/**
 * A `fetch` that signs requests to the platform's origin, and passes all others on as they are. The signature's
 * headers replace ones of the same name.
 *
 * A 401 is got over once: with the token that came into use meanwhile, else with the one that rejecting and asking
 * the sources again brings. When there is none, the 401 is returned; also when the body is a stream and cannot be
 * sent twice, but the next request goes out with the other token.
 * Redirects are followed within the platform's origin only. A 401 behind one is got over there: what led to it was
 * accepted, and is not sent again.
 *
 * @throws AuthError (from the call) `PLATFORM_UNKNOWN` without a platform URL; `REDIRECT_REJECTED`; those of
 * `authHeaders`
 * @example
 * const platform = createAuthFetch(auth);
 * const response = await platform("https://platform.example/workspaces/agent-7/delegations");
 */
export function createAuthFetch(auth: Auth, options: AuthFetchOptions = {}): Fetch {
  const workspaceId =
    options.workspaceId === undefined ? undefined : validateWorkspaceId(options.workspaceId);
  if (options.source && workspaceId === undefined) {
    throw new AuthError("WORKSPACE_ID_INVALID", "`source` needs a `workspaceId`: the one that sends.");
  }
  const send: typeof fetch = options.fetch ?? ((input, init) => fetch(input, init));
  const sign = async () =>
    options.source && workspaceId !== undefined
      ? auth.selfSourceHeaders(workspaceId)
      : auth.authHeaders(workspaceId);

  /** The signature with another token than the refused one; `null` when there is none. */
  async function replace(refused: Signature): Promise<Signature | null> {
    let fresh = await sign();
    if (fresh.Authorization === refused.Authorization) {
      auth.rejectToken(refused.Authorization?.slice("Bearer ".length) ?? "");
      await auth.refreshCache();
      fresh = await sign();
    }
    const { Authorization, Origin } = fresh;
    // Another platform was set meanwhile: its token is none of this one's business.
    if (Origin !== refused.Origin) return null;
    return Authorization === undefined || Authorization === refused.Authorization ? null : fresh;
  }

  return async (input, init) => {
    const url = urlOf(input);
    const platform = auth.platformOrigin(workspaceId);
    if (platform === null) {
      throw new AuthError("PLATFORM_UNKNOWN", "No platform to send the token to; set PLATFORM_URL.");
    }
    if (new URL(url).origin !== platform) return send(input, init);

    // As they are at the call: the caller may change a URL or headers while the token is looked up.
    const target = isRequest(input) ? input : url;
    const headers = new Headers(init?.headers ?? (isRequest(input) ? input.headers : undefined));
    const rest = { ...init, headers };
    const again = repeatable(target, rest);
    const sendSigned = (hop: Hop, signature: Signature) =>
      sendWithinOrigin(send, {
        ...hop,
        init: { ...hop.init, headers: withSignature(hop.init.headers, signature) },
      });

    const signature = await sign();
    const { response, redirected } = await sendSigned({ url, input: target, init: rest }, signature);
    if (response.status !== 401) return response;
    // Also when this request cannot be sent again: the next one shall not meet the same refusal.
    const fresh = await replace(signature);
    // Whoever answered with a redirect had let the request in; it is not to happen twice.
    const refused = redirected ?? (again === null ? null : { url, input: again, init: rest });
    if (fresh === null || refused === null) return response;
    await discard(response);
    return (await sendSigned(refused, fresh)).response;
  };
}

type Signature = Readonly<Record<string, string>>;
type Input = Parameters<typeof fetch>[0];
type Init = NonNullable<Parameters<typeof fetch>[1]>;

const isRequest = (input: Input): input is Request => typeof input === "object" && "url" in input;

/** Absolute, as the runtime sees it: in a page a path is one below the page's own address. */
function urlOf(input: Input): string {
  if (isRequest(input)) return input.url;
  const url = String(input);
  return /^https?:\/\//i.test(url) ? url : new Request(url).url;
}

/** What to send when the first answer is a 401; `null` when the body cannot be sent twice. */
function repeatable(input: Input, init: Init): Input | null {
  const body = init.body ?? null;
  if (body !== null) return sentOnce(body) ? null : input;
  // A request's body is a stream, whatever it was made of: only a copy made beforehand can be read again.
  return isRequest(input) && input.body !== null ? input.clone() : input;
}

function withSignature(headers: Init["headers"], signature: Signature): Headers {
  const signed = new Headers(headers);
  for (const [name, value] of Object.entries(signature)) signed.set(name, value);
  return signed;
}
