import { type Auth, type AuthEvent, type AuthOptions, createAuth, type TokenStorage } from "@x/auth-core";
import type { FileStorageEvent } from "./file/events.ts";
import type { FileTokenStorageOptions } from "./file/file-storage-types.ts";
import { fileTokenStorage } from "./file/file-token-storage.ts";
import { ownProperties } from "./own.ts";

/** Options of `createNodeAuth`. */
export interface NodeAuthOptions
  extends Omit<FileTokenStorageOptions, "onEvent" | "fileName">,
    Pick<AuthOptions, "platformUrl" | "orgId" | "fallback" | "sourceTimeoutMs"> {
  /** Another storage, such as `keyringTokenStorage()`. @default the file */
  readonly storage?: TokenStorage;
  /** Receives events about the token and its file, without secrets. Errors it throws are ignored. */
  readonly onEvent?: (event: AuthEvent | FileStorageEvent) => void;
}

/**
 * Creates the `Auth` of a Node process: it stores the token in the file `.auth_token` of the configs directory, and
 * reads its settings from `process.env`, both live.
 *
 * @param options.env environment variables, read live. Default: `process.env`
 * @param options.platformUrl the token's platform. Default: `PLATFORM_URL`, read live
 * @param options.configsDir the directory, instead of `resolveConfigsDir`'s
 * @param options.storage another storage instead of the file, such as `keyringTokenStorage()`
 * @param options.fallback further token sources. Default: `MOLECULE_WORKSPACE_TOKEN`
 * @param options.onEvent receives events, without secrets
 * @param options.tighten whether to restrict our own file to its owner if other users may read it. Default: `true`
 * @throws AuthError `PLATFORM_URL_INVALID`, `ORG_ID_INVALID` for the options of that name
 * @example
 * const auth = createNodeAuth();
 * const platform = createAuthFetch(auth);
 * await platform("/registry/heartbeat", { method: "POST" });
 */
export function createNodeAuth(options: NodeAuthOptions = {}): Auth {
  const own = ownProperties(options);
  const { env = process.env } = own;
  return createAuth(ownProperties({ ...own, env, storage: own.storage ?? fileTokenStorage(own) }));
}
