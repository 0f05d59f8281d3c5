import type { Auth } from "@x/auth-core";
import { type Clock, elapsedMs, type Moment, momentOf } from "../clock.ts";
import type { Outcome } from "../platform/reply.ts";
import type { Action, Decision } from "./machine.ts";
import type { Notice } from "./notices.ts";
import { again, isTold, NEVER } from "./repeated.ts";

interface ReporterOptions {
  readonly auth: Auth;
  readonly clock: Clock;
  readonly notify: (notice: Notice) => void;
}

/** How the last beats went. */
export interface Report {
  /** Wall-clock time of the last accepted beat, in milliseconds since 1970; `null` before the first. */
  readonly lastBeatAt: number | null;
  /** How long the platform took to answer it. */
  readonly latencyMs: number | null;
  /** Why the last request failed; `null` when it did not. */
  readonly failure: string | null;
}

/** Tells how a workspace's registrations and beats went. */
export class Reporter {
  readonly #options: ReporterOptions;
  readonly #repeated = { register: NEVER, beat: NEVER };
  #failingSince: Moment | null = null;
  #failure: string | null = null;
  #lastBeatAt: number | null = null;
  #latencyMs: number | null = null;

  constructor(options: ReporterOptions) {
    this.#options = options;
  }

  view(): Report {
    return { lastBeatAt: this.#lastBeatAt, latencyMs: this.#latencyMs, failure: this.#failure };
  }

  /** Returns true when the refusals are so many that somebody has to do something. */
  async tell(
    action: Action,
    outcome: Outcome,
    { state: { refusals }, next, wait }: Decision,
    tookMs: number,
  ): Promise<boolean> {
    if (outcome.kind === "accepted") {
      this.#tellSuccess(action, tookMs);
      return false;
    }
    const { auth, clock, notify } = this.#options;
    this.#failingSince ??= momentOf(clock);
    this.#failure = outcome.why;
    const failed = again(this.#repeated[action], outcome.why);
    this.#repeated[action] = failed;
    notify({ type: "failed", action, outcome, count: failed.count, next, wait });
    const isLockedOut = action === "beat" && outcome.kind === "refused" && refusals >= 3 && isTold(refusals);
    if (isLockedOut) notify({ type: "locked-out", refusals, explanation: await auth.explain() });
    return isLockedOut;
  }

  #tellSuccess(action: Action, tookMs: number): void {
    const { clock, notify } = this.#options;
    this.#repeated[action] = NEVER;
    this.#failure = null;
    if (action === "register") {
      notify({ type: "registered" });
      return;
    }
    if (this.#failingSince !== null)
      notify({ type: "recovered", failedMs: elapsedMs(this.#failingSince, momentOf(clock)) });
    this.#failingSince = null;
    this.#lastBeatAt = clock.wall();
    this.#latencyMs = tookMs;
    notify({ type: "beat", latencyMs: tookMs });
  }
}
