import { type Auth, type AuthOptions, createAuth } from "@x/auth-core";

/** What the `Auth` of a page or a worker is made of. */
export interface BrowserAuthOptions extends AuthOptions {
  /** Base URL of the platform; the token goes to its origin only. Default: `env.PLATFORM_URL`. */
  readonly platformUrl?: string;
}

/**
 * `createAuth` for a page or a worker: the same, but its headers leave out `Origin`. That one is the browser's to set,
 * from the page's own address; what a script says is dropped (Fetch standard, "forbidden request-header").
 *
 * There is no default storage: where a token may live in a browser is the application's decision.
 *
 * @throws TypeError without a storage
 * @example
 * const auth = createBrowserAuth({
 *   storage: webTokenStorage({ storage: () => sessionStorage }),
 *   platformUrl: "https://platform.example",
 * });
 * const stop = auth.watch();
 * const platform = createAuthFetch(auth);
 */
export function createBrowserAuth({ storage, env = {}, platformUrl, onEvent }: BrowserAuthOptions): Auth {
  if (!storage) {
    throw new TypeError(
      "createBrowserAuth needs a storage: webTokenStorage, indexedDbTokenStorage, or one of yours.",
    );
  }
  const auth = createAuth({
    storage,
    env: platformUrl === undefined ? env : Object.create(env, { PLATFORM_URL: { value: platformUrl } }),
    ...(onEvent && { onEvent }),
  });
  return {
    ...auth,
    authHeaders: async (workspaceId) => withoutOrigin(await auth.authHeaders(workspaceId)),
    selfSourceHeaders: async (workspaceId) => withoutOrigin(await auth.selfSourceHeaders(workspaceId)),
  };
}

function withoutOrigin({ Origin: _, ...headers }: Record<string, string>): Record<string, string> {
  return headers;
}
