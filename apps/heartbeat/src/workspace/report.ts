import type { Auth } from "@x/auth-core";
import type { PlatformFailure, PlatformResult, Receipt } from "@x/platform-client";
import { type Clock, elapsedMs, type Moment, momentOf } from "../clock.ts";
import type { WorkspaceEvent } from "./events.ts";
import { again, isReported, NEVER, type Repeated } from "./repeated.ts";
import type { Action, Decision } from "./state-machine.ts";

interface ReporterContext {
  readonly auth: Auth;
  readonly environment: { readonly clock: Clock };
  emit(event: WorkspaceEvent): void;
}

const known = (value: number): number | null => (Number.isNaN(value) ? null : value);

const NOT_COUNTED = { why: "", count: 0 };

/** A failed registration or heartbeat. */
export interface LastFailure {
  readonly action: Action;
  readonly failure: PlatformFailure;
}

/** The outcome of the last heartbeats. */
export interface Report {
  /** Wall-clock time of the last accepted heartbeat, in milliseconds since 1970; `null` before the first. */
  readonly lastHeartbeatAt: number | null;
  /** How long the platform took to answer it. */
  readonly latencyMs: number | null;
  /** Why the last request failed; `null` when it did not. */
  readonly failure: string | null;
  /** The complete failure. */
  readonly lastFailure: LastFailure | null;
}

/** Emits an event for the outcome of each registration and heartbeat of a workspace. */
export class Reporter {
  readonly #context: ReporterContext;
  #registerFailed = NEVER;
  #heartbeatFailed = NEVER;
  #failingSince: Moment | null = null;
  #failed: LastFailure | null = null;
  #isTokenUnusable = false;
  /** Not a number before the first; `null` would make each new number an object of its own. */
  #lastHeartbeatAt = Number.NaN;
  #latencyMs = Number.NaN;

  constructor(context: ReporterContext) {
    this.#context = context;
  }

  status(): Report {
    return {
      lastHeartbeatAt: known(this.#lastHeartbeatAt),
      latencyMs: known(this.#latencyMs),
      failure: this.#failed?.failure.message ?? null,
      lastFailure: this.#failed,
    };
  }

  /** Returns true when the token was rejected so often that an operator has to act. */
  async reportFailure(
    action: Action,
    outcome: PlatformFailure,
    { state: { rejections }, next, wait }: Decision,
  ): Promise<boolean> {
    const { auth, environment } = this.#context;
    this.#failingSince ??= momentOf(environment.clock);
    const isSent = outcome.kind !== "circuit_open";
    // An unsent request is no new information: its cause is the failure before.
    if (isSent || this.#failed === null) this.#failed = { action, failure: outcome };
    const failed = isSent ? this.#again(action, outcome.code) : NOT_COUNTED;
    this.#context.emit({ type: "failed", action, failure: outcome, count: failed.count, next, wait });
    const isLockedOut =
      action === "heartbeat" && outcome.kind === "unauthorized" && rejections >= 3 && isReported(rejections);
    if (isLockedOut)
      this.#context.emit({ type: "locked-out", rejections, explanation: await auth.explain() });
    return isLockedOut;
  }

  #again(action: Action, code: string): Repeated {
    if (action === "register") {
      this.#registerFailed = again(this.#registerFailed, code);
      return this.#registerFailed;
    }
    this.#heartbeatFailed = again(this.#heartbeatFailed, code);
    return this.#heartbeatFailed;
  }

  reportSuccess(action: Action, tookMs: number): void {
    const { clock } = this.#context.environment;
    this.#failed = null;
    if (action === "register") {
      this.#registerFailed = NEVER;
      this.#context.emit({ type: "registered" });
      return;
    }
    this.#heartbeatFailed = NEVER;
    if (this.#failingSince !== null)
      this.#context.emit({ type: "recovered", failedMs: elapsedMs(this.#failingSince, momentOf(clock)) });
    this.#failingSince = null;
    this.#lastHeartbeatAt = clock.wall();
    this.#latencyMs = tookMs;
    this.#context.emit({ type: "heartbeat", latencyMs: tookMs });
  }

  /** Reports a received token that is invalid and was not stored: once, if each answer has one. */
  reportUnusableToken(result: PlatformResult<Receipt>): void {
    if (!result.ok) return;
    const { unsaved } = result.value;
    const wasUnusable = this.#isTokenUnusable;
    this.#isTokenUnusable = unsaved?.code === "TOKEN_INVALID";
    if (unsaved !== undefined && this.#isTokenUnusable && !wasUnusable)
      this.#context.emit({ type: "token-unusable", message: unsaved.message });
  }
}
