import type { Auth } from "@x/auth-core";
import { ownProperties } from "../storage/own.ts";
import { type KeptAlive, keepAlive } from "./keep-alive.ts";
import type { StartWorkspaceOptions } from "./options.ts";
import { readSettings } from "./settings.ts";
import type { RunningStatus } from "./workspace-status.ts";
import { WorkspaceThread } from "./workspace-thread.ts";

/** A workspace that this process keeps online. */
export interface RunningWorkspace {
  /**
   * Resolves once the platform has accepted the workspace.
   *
   * Rejects with an AuthError when waiting does not help: `TOKEN_REJECTED`, `WORKSPACE_REMOVED`; with an `AbortError`
   * if it was stopped first. An unhandled rejection is safe.
   */
  readonly ready: Promise<void>;
  /** Signs this process's own requests with the workspace's token; pass it to `createAuthFetch` or `withAuth`. */
  readonly auth: Auth;
  /** Its current status. */
  status(): RunningStatus;
  /**
   * Stops it. Settles when everything in flight has ended, usually at once, and within 15 s at most; after that,
   * nothing is sent or stored. A running handler has five seconds to finish; otherwise its message is handled again at
   * the next start.
   *
   * @throws AuthError `STORAGE_WRITE_FAILED` when a token that the platform issued could not be stored anywhere
   */
  stop(): Promise<void>;
  /** `stop()`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Registers this process's workspace with its platform, keeps its token, and sends heartbeats until it is stopped.
 * Keeps the process alive until then.
 *
 * The token comes from `.auth_token` in the configs directory, `MOLECULE_WORKSPACE_TOKEN`, or the file that
 * `MOLECULE_WORKSPACE_TOKEN_FILE` names; without one, a new workspace receives its token when it registers, and stores
 * it in `.auth_token`.
 *
 * @throws AuthError `OPTIONS_INVALID` at once, with all `problems`
 * @example
 * await using workspace = startWorkspace({ onMessage: ({ text }) => `You said: ${text}` });
 * await workspace.ready;
 */
export function startWorkspace(options: StartWorkspaceOptions = {}): RunningWorkspace {
  const settings = readSettings(options);
  const { env, onMessage = null, onLog = () => {}, thread = false, signal } = ownProperties(options);
  // A workspace that never starts needs no thread.
  const kept: KeptAlive =
    thread && signal?.aborted !== true
      ? new WorkspaceThread({ settings, env, onMessage, onLog })
      : keepAlive({ settings, env: env ?? process.env, onMessage, onLog });
  const stop = () => {
    signal?.removeEventListener("abort", abort);
    return kept.stop();
  };
  const abort = () => void stop().catch(() => {});
  if (signal?.aborted) abort();
  else signal?.addEventListener("abort", abort);
  return {
    ready: kept.ready,
    auth: kept.auth,
    status: () => kept.status(),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
