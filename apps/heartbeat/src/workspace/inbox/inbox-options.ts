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
  /** How long a handler may take. */
  readonly timeoutMs: number;
  readonly turns: MessageTurns;
}

/** What one workspace's inbox is made of. */
export interface InboxOptions {
  readonly settings: InboxSettings;
  readonly openLog: () => InboxLog;
  readonly clock: Clock;
  /** Its token must not appear in what a handler logs. */
  readonly auth: Pick<Auth, "getToken">;
}
