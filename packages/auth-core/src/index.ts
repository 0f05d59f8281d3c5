export { AuthError, type AuthErrorCode, isAuthError } from "./errors.ts";
export { type Awaitable, memoryTokenStorage, type TokenStorage } from "./storage.ts";
export { checkToken, MAX_TOKEN_LENGTH, redactToken } from "./token.ts";
