import type { Auth, AuthOptions } from "./auth.ts";
import { WorkspaceAuth } from "./workspace-auth.ts";

/**
 * Creates an `Auth`. Instances share no state.
 *
 * @throws AuthError `PLATFORM_URL_INVALID`, `ORG_ID_INVALID`; TypeError without a storage, or unless `sourceTimeoutMs`
 * is more than 0
 * @example
 * const auth = createAuth({ storage: memoryTokenStorage(), platformUrl: "https://platform.example" });
 * const response = await withAuth(auth, { url, send: (headers) => fetch(url, { headers }) });
 */
export function createAuth(options: AuthOptions): Auth {
  const auth = new WorkspaceAuth(options);
  // Bound, the methods need no `this`. The first names are the constructor's, and that of a method which is not part of
  // `Auth`: a copy of it would bypass an `authHeaders` that replaces the bound one.
  const [, , ...names] = Object.getOwnPropertyNames(WorkspaceAuth.prototype);
  for (const name of names) Reflect.set(auth, name, Reflect.get(auth, name).bind(auth));
  return auth;
}
