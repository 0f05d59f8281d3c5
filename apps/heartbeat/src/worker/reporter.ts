import type { Auth } from "@x/auth-core";
import { type Clock, elapsedMs, type Moment, momentOf } from "../clock.ts";
import type { Outcome } from "../platform/reply.ts";
import { type Action, type Decision, tellsRefusal } from "./machine.ts";
import type { Notice } from "./notices.ts";
import type { WorkerView } from "./worker.ts";

/** Tells how a workspace's registrations and beats went. */
export interface Reporter {
  /** Returns true when the refusals are so many that somebody has to do something. */
  tell(action: Action, outcome: Outcome, decision: Decision, tookMs: number): Promise<boolean>;
  view(): Pick<WorkerView, "lastBeatAt" | "latencyMs" | "failure">;
}

interface ReporterOptions {
  readonly auth: Auth;
  readonly clock: Clock;
  readonly notify: (notice: Notice) => void;
}

export function createReporter({ auth, clock, notify }: ReporterOptions): Reporter {
  /** How often in a row each action failed for the same reason. */
  const repeated = { register: { why: "", count: 0 }, beat: { why: "", count: 0 } };
  let failingSince: Moment | null = null;
  let failure: string | null = null;
  let lastBeatAt: number | null = null;
  let latencyMs: number | null = null;

  function tellSuccess(action: Action, tookMs: number): void {
    repeated[action] = { why: "", count: 0 };
    failure = null;
    if (action === "register") {
      notify({ type: "registered" });
      return;
    }
    if (failingSince !== null)
      notify({ type: "recovered", failedMs: elapsedMs(failingSince, momentOf(clock)) });
    failingSince = null;
    lastBeatAt = clock.wall();
    latencyMs = tookMs;
    notify({ type: "beat", latencyMs: tookMs });
  }

  return {
    view: () => ({ lastBeatAt, latencyMs, failure }),
    async tell(action, outcome, { state: { refusals }, next, wait }, tookMs) {
      if (outcome.kind === "accepted") {
        tellSuccess(action, tookMs);
        return false;
      }
      failingSince ??= momentOf(clock);
      failure = outcome.why;
      const count = repeated[action].why === outcome.why ? repeated[action].count + 1 : 1;
      repeated[action] = { why: outcome.why, count };
      notify({ type: "failed", action, outcome, count, next, wait });
      const isLockedOut =
        action === "beat" && outcome.kind === "refused" && refusals >= 3 && tellsRefusal(refusals);
      if (isLockedOut) notify({ type: "locked-out", refusals, explanation: await auth.explain() });
      return isLockedOut;
    },
  };
}
