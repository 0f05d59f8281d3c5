import { type Auth, type AuthHeaders, type AuthOptions, createAuth } from "@x/auth-core";
import { own } from "./own.ts";

/** What the `Auth` of a page or a worker is made of. */
export type BrowserAuthOptions = AuthOptions;

/**
 * `createAuth` for a page or a worker: the same, but its headers leave out `Origin`. That one is the browser's to set,
 * from the page's own address; what a script says is dropped (Fetch standard, "forbidden request-header").
 *
 * There is no default storage: where a token may live in a browser is the application's decision.
 *
 * @throws TypeError without a storage; AuthError as `createAuth`
 * @example
 * const auth = createBrowserAuth({
 *   storage: webTokenStorage({ storage: () => sessionStorage }),
 *   platformUrl: "https://platform.example",
 * });
 * const stop = auth.watch();
 * const platform = createAuthFetch(auth);
 */
export function createBrowserAuth(options: BrowserAuthOptions): Auth {
  if (!own(options).storage) {
    throw new TypeError(
      "createBrowserAuth needs a storage: webTokenStorage, indexedDbTokenStorage, or one of yours.",
    );
  }
  const auth = createAuth(options);
  return {
    ...auth,
    authHeaders: async (...given) => hideOrigin(await auth.authHeaders(...given)),
    selfSourceHeaders: async (...given) => hideOrigin(await auth.selfSourceHeaders(...given)),
    async recover(...given) {
      const fresh = await auth.recover(...given);
      return fresh && hideOrigin(fresh);
    },
  };
}

/** Not enumerable, so that no client sends it; whoever signs a request still sees which platform the token is for. */
function hideOrigin(headers: AuthHeaders): AuthHeaders {
  if (Object.hasOwn(headers, "Origin")) Object.defineProperty(headers, "Origin", { enumerable: false });
  return headers;
}
