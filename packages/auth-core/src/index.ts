export type { Auth, AuthOptions, CallOptions, RecoverOptions, SaveOptions } from "./auth.ts";
export { type AuthFetchOptions, createAuthFetch, type Fetch } from "./auth-fetch.ts";
export { createAuth } from "./create-auth.ts";
export { AuthError, type AuthErrorCode, type AuthErrorOptions, isAuthError } from "./errors.ts";
export type { AuthEvent } from "./events.ts";
export type { AuthHeaders, Env } from "./headers.ts";
export { platformOrigin } from "./platform-url.ts";
export type { Explanation, SourceKind, SourceReport } from "./resolution.ts";
export type { Awaitable, Signal } from "./signal.ts";
export { envTokenSource } from "./sources.ts";
export {
  type AccessOptions,
  memoryTokenStorage,
  type TokenSource,
  type TokenStorage,
} from "./storage.ts";
export { checkToken, MAX_TOKEN_LENGTH, redactToken } from "./token.ts";
export { type WithAuthOptions, withAuth } from "./with-auth.ts";
export { WorkspaceAuth } from "./workspace-auth.ts";
export { validateWorkspaceId } from "./workspace-id.ts";
export { parseWorkspaces, type WorkspaceEntry } from "./workspaces.ts";
