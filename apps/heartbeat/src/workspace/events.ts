import type { Explanation } from "@x/auth-core";
import type { Delivery } from "../transport/message.ts";
import type { Outcome } from "../transport/reply.ts";
import type { Action, Wait } from "./state-machine.ts";

type Failure = Exclude<Outcome, { kind: "accepted" }>;

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
  | { readonly type: "token-unusable"; readonly why: string }
  | { readonly type: "token-saved"; readonly location: string }
  | { readonly type: "token-unsaved"; readonly why: string }
  /** `platform_inbound_secret`, with which the platform calls the workspace. */
  | { readonly type: "secret-saved"; readonly location: string }
  | {
      readonly type: "failed";
      readonly action: Action;
      readonly outcome: Failure;
      /** How many times in a row it failed for the same reason. */
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
      readonly what: string;
      readonly outcome: Failure;
      /** How many times in a row it failed. */
      readonly count: number;
    }
  /** Delegations that finished; their results were appended to the file. */
  | { readonly type: "delegations-finished"; readonly count: number; readonly path: string }
  /** Rows whose source is another workspace. They were dropped. */
  | { readonly type: "delegations-foreign"; readonly count: number }
  | { readonly type: "results-failed"; readonly path: string; readonly why: string }
  | { readonly type: "message"; readonly to: string; readonly delivery: Delivery }
  /** The machine slept, or timers stood still. */
  | { readonly type: "clock-jump"; readonly byMs: number };
