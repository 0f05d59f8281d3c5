import { type Auth, type AuthHeaders, type AuthOptions, createAuth } from "@x/auth-core";
import { own } from "./own.ts";

/** Options of `createBrowserAuth`. */
export type BrowserAuthOptions = AuthOptions;

/**
 * Creates an `Auth` for a page or a worker: like `createAuth`, but its headers omit `Origin`. The browser sets that
 * header from the page's address, and ignores a script's value (Fetch standard, "forbidden request-header").
 *
 * There is no default storage: where a token may be stored in a browser is the application's decision.
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
      "createBrowserAuth requires a storage: webTokenStorage, indexedDbTokenStorage, or your own.",
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

/** Makes `Origin` non-enumerable: clients do not send it, but signing code can still read the token's platform. */
function hideOrigin(headers: AuthHeaders): AuthHeaders {
  if (Object.hasOwn(headers, "Origin")) Object.defineProperty(headers, "Origin", { enumerable: false });
  return headers;
}
