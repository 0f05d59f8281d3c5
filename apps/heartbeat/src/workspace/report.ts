import type { Auth } from "@x/auth-core";
import { type Clock, elapsedMs, type Moment, momentOf } from "../clock.ts";
import type { WorkspaceEvent } from "./events.ts";
import type { Outcome } from "./outcome.ts";
import { again, isReported, NEVER } from "./repeated.ts";
import type { Action, Decision } from "./state-machine.ts";

interface ReporterOptions {
  readonly auth: Auth;
  readonly clock: Clock;
  readonly emit: (event: WorkspaceEvent) => void;
}

/** The outcome of the last heartbeats. */
export interface Report {
  /** Wall-clock time of the last accepted heartbeat, in milliseconds since 1970; `null` before the first. */
  readonly lastHeartbeatAt: number | null;
  /** How long the platform took to answer it. */
  readonly latencyMs: number | null;
  /** Why the last request failed; `null` when it did not. */
  readonly failure: string | null;
}

/** Emits an event for the outcome of each registration and heartbeat of a workspace. */
export class Reporter {
  readonly #options: ReporterOptions;
  readonly #repeated = { register: NEVER, heartbeat: NEVER };
  #failingSince: Moment | null = null;
  #failure: string | null = null;
  #lastHeartbeatAt: number | null = null;
  #latencyMs: number | null = null;

  constructor(options: ReporterOptions) {
    this.#options = options;
  }

  status(): Report {
    return { lastHeartbeatAt: this.#lastHeartbeatAt, latencyMs: this.#latencyMs, failure: this.#failure };
  }

  /** Returns true when the token was rejected so often that an operator has to act. */
  async report(
    action: Action,
    outcome: Outcome,
    { state: { rejections }, next, wait }: Decision,
    tookMs: number,
  ): Promise<boolean> {
    if (outcome.kind === "accepted") {
      this.#reportSuccess(action, tookMs);
      return false;
    }
    const { auth, clock, emit } = this.#options;
    this.#failingSince ??= momentOf(clock);
    this.#failure = outcome.message;
    const failed = again(this.#repeated[action], outcome.code);
    this.#repeated[action] = failed;
    emit({ type: "failed", action, failure: outcome, count: failed.count, next, wait });
    const isLockedOut =
      action === "heartbeat" && outcome.kind === "unauthorized" && rejections >= 3 && isReported(rejections);
    if (isLockedOut) emit({ type: "locked-out", rejections, explanation: await auth.explain() });
    return isLockedOut;
  }

  #reportSuccess(action: Action, tookMs: number): void {
    const { clock, emit } = this.#options;
    this.#repeated[action] = NEVER;
    this.#failure = null;
    if (action === "register") {
      emit({ type: "registered" });
      return;
    }
    if (this.#failingSince !== null)
      emit({ type: "recovered", failedMs: elapsedMs(this.#failingSince, momentOf(clock)) });
    this.#failingSince = null;
    this.#lastHeartbeatAt = clock.wall();
    this.#latencyMs = tookMs;
    emit({ type: "heartbeat", latencyMs: tookMs });
  }
}
