import type { AuthErrorCode, Explanation } from "@x/auth-core";
import type { MessageOutcome, PlatformFailure } from "@x/platform-client";
import type { Action, Wait } from "./state-machine.ts";

/** What happened to a workspace. Plain data without secrets: log messages, metrics and the demo are made from it. */
export type WorkspaceEvent =
  | { readonly type: "registered" }
  | { readonly type: "heartbeat"; readonly latencyMs: number }
  /** The first success after failures; `failedMs` is how long nothing was accepted. */
  | { readonly type: "recovered"; readonly failedMs: number }
  /** A 401, and the same request accepted with another token a moment later. */
  | { readonly type: "token-recovered"; readonly source: string }
  /** The platform issued a token. `token` is shortened. */
  | { readonly type: "token-received"; readonly token: string }
  /** The platform issued something that cannot be a token. */
  | { readonly type: "token-unusable"; readonly message: string }
  | { readonly type: "token-saved"; readonly location: string }
  /** In memory only; `spilledTo` says where a copy of it is kept until its own location takes it. */
  | {
      readonly type: "token-unsaved";
      readonly cause: AuthErrorCode | "UNKNOWN";
      readonly message: string;
      readonly spilledTo: string | null;
      /** How many times in a row it failed for the same reason. */
      readonly count: number;
    }
  /** `platform_inbound_secret`, with which the platform calls the workspace. */
  | { readonly type: "secret-saved"; readonly location: string }
  | { readonly type: "secret-unsaved"; readonly message: string; readonly count: number }
  /** It registers with its token; a new one could not be stored now. */
  | { readonly type: "storage-not-writable"; readonly message: string }
  /** A registration without a token was given up: whether the platform has issued one is not known. */
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
  /** Rejected so often that waiting will not fix it: which sources were tried. */
  | { readonly type: "locked-out"; readonly rejections: number; readonly explanation: Explanation }
  /** The platform says that the workspace does not exist (any more), although it may accept heartbeats. */
  | { readonly type: "removed" }
  /** The platform reports another status for the workspace than at the last check. */
  | { readonly type: "status"; readonly status: string }
  | { readonly type: "card-updated" }
  | {
      readonly type: "job-failed";
      readonly job: string;
      readonly failure: PlatformFailure;
      /** How many times in a row it failed for the same reason. */
      readonly count: number;
    }
  /** Delegations that finished; their results were appended to the file. */
  | { readonly type: "delegations-finished"; readonly count: number; readonly location: string }
  /** Rows whose source is another workspace. They were dropped. */
  | { readonly type: "delegations-foreign"; readonly count: number }
  | {
      readonly type: "results-failed";
      readonly code: AuthErrorCode;
      readonly message: string;
      /** How many times in a row it failed for the same reason. */
      readonly count: number;
    }
  /** Lines that are none of ours; they are passed over. */
  | { readonly type: "results-damaged"; readonly location: string; readonly lines: number }
  | { readonly type: "message-sent"; readonly to: string; readonly outcome: MessageOutcome["outcome"] }
  | { readonly type: "message-failed"; readonly to: string; readonly failure: PlatformFailure }
  /** A message is being handled. `from`: a workspace; `null`: the person. */
  | { readonly type: "message-received"; readonly messageId: string; readonly from: string | null }
  /** There is no answer to it. */
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
    }
  | {
      readonly type: "handler-failed";
      readonly messageId: string;
      readonly reason: string;
      /** How many times it failed for this message. */
      readonly count: number;
      /** Until it is tried again; `null`: it is not. */
      readonly pauseMs: number | null;
    }
  | {
      readonly type: "message-set-aside";
      readonly messageId: string;
      readonly reason: string;
      readonly location: string;
    }
  /** What a handler wrote for the log, without tokens. */
  | { readonly type: "handler-output"; readonly text: string }
  /** A row of the inbox without a message in it; it is passed over. */
  | { readonly type: "message-unreadable"; readonly row: string }
  /** The platform does not have the cursor any more: what came since `since` (wall clock) is fetched again. */
  | { readonly type: "inbox-restarted"; readonly since: number }
  /** More rows than the platform shows without a cursor: there may be older ones. */
  | { readonly type: "inbox-gap"; readonly rows: number }
  /** How far the inbox is handled cannot be read or stored. */
  | {
      readonly type: "inbox-failed";
      readonly code: AuthErrorCode;
      readonly message: string;
      /** How many times in a row it failed for the same reason. */
      readonly count: number;
    }
  /** Lines that are none of ours; they are passed over. */
  | { readonly type: "inbox-damaged"; readonly location: string; readonly lines: number }
  /** The machine slept, or timers stood still. */
  | { readonly type: "clock-jump"; readonly byMs: number };
