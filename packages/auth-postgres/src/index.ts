export type { Auth, AuthHeaders, Explanation, TokenStorage } from "@x/auth-core";
export { createAuth, createAuthFetch, isAuthError, withAuth } from "@x/auth-core";
export type { PostgresClient, PostgresPool } from "./client.ts";
export { readKeyFile } from "./keys.ts";
export type { SecretKind, StoreRef } from "./refs.ts";
export { postgresTokenStore } from "./store.ts";
export type {
  KnownToken,
  PostgresStoreEvent,
  PostgresTokenStore,
  PostgresTokenStoreOptions,
  StoreCallOptions,
  StoreInspection,
  StoreProblem,
  StoreProblemCode,
} from "./types.ts";
