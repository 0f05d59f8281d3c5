import type { Auth } from "@x/auth-core";
import type { Clock } from "../../clock.ts";
import type { InboxLog } from "../../storage/workspace-store.ts";
import type { MessageHandler } from "./message.ts";
import type { MessageTurns } from "./turns.ts";

/** How a runner handles messages. */
export interface InboxSettings {
  readonly onMessage: MessageHandler;
  /** From the end of one check of the inbox to the next. */
  readonly everyMs: number;
  /** Timeout of a handler. */
  readonly timeoutMs: number;
  readonly turns: MessageTurns;
  /** Since when the workspaces have been this runner's, in milliseconds since 1970. @default its start */
  readonly since?: () => Promise<number>;
}

/** The dependencies of one workspace's inbox. */
export interface InboxOptions {
  readonly settings: InboxSettings;
  readonly openLog: () => InboxLog;
  readonly clock: Clock;
  /** Its token must not appear in a handler's log lines. */
  readonly auth: Pick<Auth, "getToken">;
}
