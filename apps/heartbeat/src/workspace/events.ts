import type { AuthErrorCode, Explanation } from "@x/auth-core";
import type { MessageOutcome, PlatformFailure } from "@x/platform-client";
import type { Action, Wait } from "./state-machine.ts";

/** An event of a workspace. Plain data without secrets, for log messages, metrics and the demo. */
export type WorkspaceEvent =
  | { readonly type: "registered" }
  | { readonly type: "heartbeat"; readonly latencyMs: number }
  /** The first success after failures; `failedMs` is how long nothing was accepted. */
  | { readonly type: "recovered"; readonly failedMs: number }
  /** A 401, and then the same request accepted with another token. */
  | { readonly type: "token-recovered"; readonly source: string }
  /** The platform issued a token. `token` is shortened. */
  | { readonly type: "token-received"; readonly token: string }
  /** The platform issued something that cannot be a token. */
  | { readonly type: "token-unusable"; readonly message: string }
  | { readonly type: "token-saved"; readonly location: string }
  /** A token is only in memory; `spilledTo` says where a copy is kept until its own storage can take it. */
  | {
      readonly type: "token-unsaved";
      readonly cause: AuthErrorCode | "UNKNOWN";
      readonly message: string;
      readonly spilledTo: string | null;
      /** How many times in a row it failed for the same reason. */
      readonly count: number;
    }
  /** A token may be there that an earlier process could not store elsewhere. */
  | { readonly type: "spilled-token-unreadable"; readonly message: string; readonly count: number }
  /** `platform_inbound_secret`, with which the platform calls the workspace. */
  | { readonly type: "secret-saved"; readonly location: string }
  | { readonly type: "secret-unsaved"; readonly message: string; readonly count: number }
  /** It registers with its token; a new one could not be stored now. */
  | { readonly type: "storage-not-writable"; readonly message: string }
  /** A registration without a token was aborted: it is unknown whether the platform has issued one. */
  | { readonly type: "registration-unanswered" }
  | {
      readonly type: "failed";
      readonly action: Action;
      readonly failure: PlatformFailure;
      /** How many times in a row it failed for the same reason; 0 when nothing was sent. */
      readonly count: number;
      readonly next: Action;
      readonly wait: Wait;
    }
  /** Rejected so often that waiting will not help; lists the sources that were tried. */
  | { readonly type: "locked-out"; readonly rejections: number; readonly explanation: Explanation }
  /** The platform reports that the workspace does not exist (any more), even if it accepts heartbeats. */
  | { readonly type: "removed" }
  /** The platform reports a different status for the workspace than at the last check. */
  | { readonly type: "status"; readonly status: string }
  | { readonly type: "card-updated" }
  | {
      readonly type: "job-failed";
      readonly job: string;
      readonly failure: PlatformFailure;
      /** How many times in a row it failed for the same reason. */
      readonly count: number;
    }
  /** Finished delegations; their results were appended to the file. */
  | { readonly type: "delegations-finished"; readonly count: number; readonly location: string }
  /** Rows from another workspace, which were dropped. */
  | { readonly type: "delegations-foreign"; readonly count: number }
  | {
      readonly type: "results-failed";
      readonly code: AuthErrorCode;
      readonly message: string;
      /** How many times in a row it failed for the same reason. */
      readonly count: number;
    }
  /** Lines that are not in our format, which are skipped; an empty file counts as one. */
  | { readonly type: "results-damaged"; readonly location: string; readonly lines: number }
  | { readonly type: "message-sent"; readonly to: string; readonly outcome: MessageOutcome["outcome"] }
  | { readonly type: "message-failed"; readonly to: string; readonly failure: PlatformFailure }
  /** A message is being handled. `from`: a workspace; `null` for the user. */
  | { readonly type: "message-received"; readonly messageId: string; readonly from: string | null }
  /** Handled without an answer. */
  | { readonly type: "message-handled"; readonly messageId: string }
  | {
      readonly type: "message-answered";
      readonly messageId: string;
      readonly to: string | null;
      readonly outcome: MessageOutcome["outcome"] | "notified";
    }
  | {
      readonly type: "answer-failed";
      readonly messageId: string;
      readonly to: string | null;
      readonly failure: PlatformFailure;
      /** Attempts to send it so far. */
      readonly count: number;
    }
  | {
      readonly type: "handler-failed";
      readonly messageId: string;
      readonly reason: string;
      /** How many times it failed for this message. */
      readonly count: number;
      /** Time until the next attempt; `null` when there is none. */
      readonly pauseMs: number | null;
    }
  | {
      readonly type: "message-set-aside";
      readonly messageId: string;
      readonly reason: string;
      readonly location: string;
    }
  /** What a handler wrote to the log, without tokens. */
  | { readonly type: "handler-output"; readonly text: string }
  /** A row of the inbox without a message; it is skipped. */
  | { readonly type: "message-unreadable"; readonly row: string }
  /** The platform no longer has the cursor: messages since `since` (wall clock) are fetched again. */
  | { readonly type: "inbox-restarted"; readonly since: number }
  /** More rows than the platform shows without a cursor: there may be older ones. */
  | { readonly type: "inbox-gap"; readonly rows: number }
  /** The platform calls the workspace: nothing is fetched. */
  | { readonly type: "inbox-unused" }
  /** The progress of the inbox cannot be read or stored. */
  | {
      readonly type: "inbox-failed";
      readonly code: AuthErrorCode;
      readonly message: string;
      /** How many times in a row it failed for the same reason. */
      readonly count: number;
    }
  /** Lines that are not in our format, which are skipped; an empty file counts as one. */
  /** `again`: messages since then are handled again, in milliseconds since 1970; `null` if the position was read. */
  | {
      readonly type: "inbox-damaged";
      readonly location: string;
      readonly lines: number;
      readonly again: number | null;
    }
  /** The machine slept, or timers were suspended. */
  | { readonly type: "clock-jump"; readonly byMs: number };
