import type { Env, Signal } from "@x/auth-core";
import type { AgentCard } from "@x/platform-client";
import type { LogMessage } from "../observability/log-message.ts";
import type { MessageHandler } from "../workspace/inbox/message.ts";

/** How a process keeps its workspace online. */
export interface StartWorkspaceOptions {
  /** Base URL of the platform, `https://platform.example`. @default `PLATFORM_URL` */
  readonly platformUrl?: string;
  /** The workspace's id, a UUID. @default `WORKSPACE_ID` */
  readonly workspaceId?: string;
  /**
   * The directory that holds `.auth_token`. One workspace per directory.
   *
   * @default as `resolveConfigsDir` of `@x/auth-node` finds it: `CONFIGS_DIR`, `/configs`, `~/.molecule-workspace`;
   * a relative one is resolved against the working directory at the start
   */
  readonly configsDir?: string;
  /** Environment variables, read live; with `thread`, as they are at the start. @default `process.env`, always live */
  readonly env?: Env;
  /**
   * The URL at which the platform calls the workspace, which makes it a push workspace. @default none: a new one polls,
   * a known one keeps its mode
   */
  readonly workspaceUrl?: string;
  /**
   * How the agent describes itself: a JSON object with a `name`. @default from `MOLECULE_AGENT_NAME`, `_DESCRIPTION`,
   * `_SKILLS`
   */
  readonly agentCard?: AgentCard;
  /** Milliseconds from one heartbeat to the next, 5,000 to 300,000. @default 30000 */
  readonly intervalMs?: number;
  /**
   * Handles messages to the workspace, one at a time; the return value is the answer. Delivery is at least once: the
   * handler sees a message again if the process dies before the answer is stored.
   *
   * @default none: messages are not fetched
   */
  readonly onMessage?: MessageHandler;
  /** Milliseconds from one check for messages to the next, 1,000 to 300,000. @default 5000 */
  readonly inboxIntervalMs?: number;
  /** Timeout of one message in milliseconds, 1,000 to 86,400,000. @default 300000 */
  readonly messageTimeoutMs?: number;
  /** Called with each log entry, without secrets. Exceptions are ignored. @default nothing */
  readonly onLog?: (entry: LogMessage) => void;
  /**
   * Sends heartbeats from a worker thread: they continue while this thread's event loop is blocked, and then report
   * `runtime_state: "wedged"`. Callbacks still run in this thread.
   *
   * @default false
   */
  readonly thread?: boolean;
  /** With `thread`: milliseconds without a turn of the event loop after which it counts as wedged, 1,000 to 300,000. @default 10000 */
  readonly wedgedAfterMs?: number;
  /** Stops it, as `stop()` does. @default none */
  readonly signal?: Signal;
}
