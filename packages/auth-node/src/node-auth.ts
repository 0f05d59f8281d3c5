import { type Auth, type AuthEvent, type AuthOptions, createAuth } from "@x/auth-core";
import type { FileStorageEvent } from "./file/events.ts";
import type { FileTokenStorageOptions } from "./file/file-storage-types.ts";
import { fileTokenStorage } from "./file/file-token-storage.ts";
import { ownProperties } from "./own.ts";

/** Where a Node process keeps its token, whose platform it is for, and what is called with events. */
export interface NodeAuthOptions
  extends Omit<FileTokenStorageOptions, "onEvent" | "fileName">,
    Pick<AuthOptions, "platformUrl" | "orgId" | "fallback" | "sourceTimeoutMs"> {
  /** Called with what happens to the token and to its file, without secrets. What it throws is ignored. */
  readonly onEvent?: (event: AuthEvent | FileStorageEvent) => void;
}

/**
 * The `Auth` of a Node process: its token in the file `.auth_token` of the configs directory, its settings from
 * `process.env`, both read afresh whenever they are needed.
 *
 * @param options.env where environment variables are read, live. Default: `process.env`
 * @param options.platformUrl the platform that the token is for. Default: `PLATFORM_URL`, read live
 * @param options.configsDir a directory instead of the one that `resolveConfigsDir` finds
 * @param options.fallback where a token may be found besides the file. Default: `MOLECULE_WORKSPACE_TOKEN`
 * @param options.onEvent called with what happens, without secrets
 * @param options.tighten whether a file of ours that others may read is given to us alone. Default: `true`
 * @throws AuthError `PLATFORM_URL_INVALID`, `ORG_ID_INVALID` for the options of that name
 * @example
 * const auth = createNodeAuth();
 * const platform = createAuthFetch(auth);
 * await platform("/registry/heartbeat", { method: "POST" });
 */
export function createNodeAuth(options: NodeAuthOptions = {}): Auth {
  const own = ownProperties(options);
  const { env = process.env } = own;
  return createAuth(ownProperties({ ...own, env, storage: fileTokenStorage(own) }));
}
