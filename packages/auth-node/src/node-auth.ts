import { type Auth, type AuthEvent, createAuth } from "@x/auth-core";
import type { FileStorageEvent } from "./events.ts";
import { type FileTokenStorageOptions, fileTokenStorage } from "./token-file.ts";

/** Where a Node process keeps its token and finds its variables, and who is told what happens. */
export interface NodeAuthOptions extends Omit<FileTokenStorageOptions, "onEvent" | "fileName"> {
  /** Told what happens to the token and to its file, without secrets. What it throws is ignored. */
  readonly onEvent?: (event: AuthEvent | FileStorageEvent) => void;
}

/**
 * The `Auth` of a Node process: its token in the file `.auth_token` of the configs directory, its settings from
 * `process.env`, both looked up afresh whenever they are needed.
 *
 * @param options.env where variables are looked up, live. Default: `process.env`
 * @param options.configsDir a directory of its own, instead of the one that `resolveConfigsDir` finds
 * @param options.onEvent told what happens, without secrets
 * @param options.tighten whether a file of ours that others may read is given to us alone. Default: `true`
 * @example
 * const auth = createNodeAuth();
 * await fetch(`${process.env.PLATFORM_URL}/registry/heartbeat`, { method: "POST", headers: await auth.authHeaders() });
 */
export function createNodeAuth(options: NodeAuthOptions = {}): Auth {
  const { env = process.env, onEvent } = options;
  return createAuth({ storage: fileTokenStorage(options), env, ...(onEvent && { onEvent }) });
}
