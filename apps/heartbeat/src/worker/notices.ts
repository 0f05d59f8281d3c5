import type { Explanation } from "@x/auth-core";
import type { Delivery } from "../platform/message.ts";
import type { Outcome } from "../platform/reply.ts";
import type { Action, Wait } from "./machine.ts";

type Failure = Exclude<Outcome, { kind: "accepted" }>;

/** What happened to a workspace. Plain data without secrets: log lines, metrics and the demo's story are made of it. */
export type Notice =
  | { readonly type: "registered" }
  | { readonly type: "beat"; readonly latencyMs: number }
  /** The first success after failures; `failedMs` is how long nothing was accepted. */
  | { readonly type: "recovered"; readonly failedMs: number }
  /** A 401, and the same request accepted with another token a moment later. */
  | { readonly type: "token-recovered"; readonly source: string }
  /** The platform handed out a token. `token` is shortened. */
  | { readonly type: "token-adopted"; readonly token: string }
  /** What the platform handed out for a token cannot be one. */
  | { readonly type: "token-unusable"; readonly why: string }
  | { readonly type: "token-saved"; readonly location: string }
  | { readonly type: "token-unsaved"; readonly why: string }
  /** `platform_inbound_secret`, with which the platform calls the workspace. */
  | { readonly type: "secret-saved"; readonly location: string }
  | {
      readonly type: "failed";
      readonly action: Action;
      readonly outcome: Failure;
      /** How often in a row it came to the same. */
      readonly count: number;
      readonly next: Action;
      readonly wait: Wait;
    }
  /** Refused often enough that time alone will not mend it: what was tried, and what to do. */
  | { readonly type: "locked-out"; readonly refusals: number; readonly explanation: Explanation }
  /** The platform says that the workspace does not exist (any more), whatever it answers to beats. */
  | { readonly type: "removed" }
  /** The platform takes the workspace for something else than at the last look. */
  | { readonly type: "status"; readonly status: string }
  | { readonly type: "card-updated" }
  | {
      readonly type: "errand-failed";
      readonly what: string;
      readonly outcome: Failure;
      /** How often in a row it failed. */
      readonly count: number;
    }
  /** Delegations that came to an end; their results were appended to the file. */
  | { readonly type: "delegations-finished"; readonly count: number; readonly path: string }
  /** Rows that another workspace is the source of. They were dropped. */
  | { readonly type: "delegations-foreign"; readonly count: number }
  | { readonly type: "results-failed"; readonly path: string; readonly why: string }
  | { readonly type: "message"; readonly to: string; readonly delivery: Delivery }
  /** The machine slept, or timers stood still. */
  | { readonly type: "overslept"; readonly byMs: number };
