export type { Auth, AuthHeaders, Explanation, TokenStorage } from "@x/auth-core";
export { createAuthFetch, isAuthError, withAuth } from "@x/auth-core";
export { type BrowserAuthOptions, createBrowserAuth } from "./browser-auth.ts";
export { type IndexedDbTokenStorageOptions, indexedDbTokenStorage } from "./indexed-db-storage.ts";
export { type OneTabOptions, oneTabAtATime } from "./one-tab.ts";
export { type WebStorage, type WebTokenStorageOptions, webTokenStorage } from "./web-storage.ts";
