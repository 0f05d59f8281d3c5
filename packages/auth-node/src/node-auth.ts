import {
  type Auth,
  type AuthEvent,
  type AuthOptions,
  createAuth,
  type Env,
  envTokenSource,
  type TokenSource,
  type TokenStorage,
} from "@x/auth-core";
import { resolveFilePath } from "./configs-dir.ts";
import type { FileStorageEvent } from "./file/events.ts";
import type { FileTokenStorageOptions } from "./file/file-storage-types.ts";
import { fileTokenStorage } from "./file/file-token-storage.ts";
import { ownProperties, ownVariable } from "./own.ts";
import { tokenFileSource } from "./sources/token-file-source.ts";

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
 * @param options.workspaceId the token's workspace. Default: `WORKSPACE_ID`, read once; without one, any
 * @param options.configsDir the directory, instead of `resolveConfigsDir`'s
 * @param options.storage another storage instead of the file, such as `keyringTokenStorage()`
 * @param options.fallback further token sources. Default: `MOLECULE_WORKSPACE_TOKEN`, then the file that
 * `MOLECULE_WORKSPACE_TOKEN_FILE` names now
 * @param options.onEvent receives events, without secrets
 * @param options.tighten whether to restrict our own file to its owner if other users may read it. Default: `true`
 * @throws AuthError `PLATFORM_URL_INVALID`, `ORG_ID_INVALID` for the options of that name; `STORAGE_READ_FAILED` if
 * `MOLECULE_WORKSPACE_TOKEN_FILE` is not a usable path
 * @example
 * const auth = createNodeAuth();
 * const platform = createAuthFetch(auth);
 * await platform("/registry/heartbeat", { method: "POST" });
 */
export function createNodeAuth(options: NodeAuthOptions = {}): Auth {
  const own = ownProperties(options);
  const { env = process.env } = own;
  const { workspaceId = ownVariable(env, "WORKSPACE_ID") ?? "" } = own;
  const { storage = fileTokenStorage(ownProperties({ ...own, workspaceId })) } = own;
  const { fallback = environmentSources(env, workspaceId) } = own;
  return createAuth(ownProperties({ ...own, env, storage, fallback }));
}

const FILE_VARIABLE = "MOLECULE_WORKSPACE_TOKEN_FILE";

function environmentSources(env: Env, workspaceId: string): readonly TokenSource[] {
  const path = ownVariable(env, FILE_VARIABLE);
  if (!path) return [envTokenSource(env)];
  const file = resolveFilePath(path, { name: FILE_VARIABLE, env });
  return [envTokenSource(env), tokenFileSource(file, { workspaceId })];
}
