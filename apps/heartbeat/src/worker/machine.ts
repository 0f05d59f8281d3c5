import { elapsedMs, type Moment } from "../clock.ts";
import type { Outcome } from "../platform/reply.ts";
import { backOffDelay, type Pace, type Random, registerDelay } from "./delays.ts";
import { isTold } from "./repeated.ts";

/**
 * One workspace, as decisions over plain data: what it does next, and when. The doing is in `worker.ts`.
 *
 * - `registering`: at the start, until the platform took it or the tries are used up
 * - `beating`: all is well
 * - `recovering`: the last request failed
 */
export interface WorkerState {
  readonly phase: "registering" | "beating" | "recovering";
  /** False when the platform may have forgotten the workspace, or given it another token: then it registers again. */
  readonly registered: boolean;
  /** Tries to register that failed in a row. */
  readonly tries: number;
  /** Refusals (401, 403) in a row. Nothing but an accepted beat ends the row. */
  readonly refusals: number;
  /** Beats in a row that did not get through (no answer, 5xx, 429). */
  readonly failures: number;
  /** Of the last accepted request; `null` before the first. */
  readonly aliveAt: Moment | null;
}

export const INITIAL_STATE: WorkerState = {
  phase: "registering",
  registered: false,
  tries: 0,
  refusals: 0,
  failures: 0,
  aliveAt: null,
};

export type Action = "register" | "beat";

/** How long to wait: until the next regular beat, or so many milliseconds. */
export type Wait = "interval" | number;

export interface Decision {
  readonly state: WorkerState;
  readonly next: Action;
  readonly wait: Wait;
}

interface Context {
  readonly pace: Pace;
  readonly now: Moment;
  readonly random: Random;
}

/**
 * Called when the wait for `planned` is over. After a pause longer than the platform's patience (the machine slept,
 * timers stood still) a beat would change nothing, and the workspace registers again.
 */
export function awaken(state: WorkerState, planned: Action, pace: Pace, now: Moment): [WorkerState, Action] {
  if (planned === "register" || state.phase === "recovering" || !isOverdue(state, pace, now))
    return [state, planned];
  return [{ ...state, phase: "registering", registered: false }, "register"];
}

/** The platform says that it has given the workspace up: the next beat that it accepts brings a registration. */
export function forgotten(state: WorkerState): WorkerState {
  return { ...state, registered: false };
}

/** True when the platform will have given the workspace up: a beat only prolongs what a registration began. */
function isOverdue({ aliveAt }: WorkerState, pace: Pace, now: Moment): boolean {
  return aliveAt !== null && elapsedMs(aliveAt, now) > Math.max(pace.livenessMs, 1.5 * pace.intervalMs);
}

/** What follows from the outcome of what was done. */
export function decide(state: WorkerState, done: Action, outcome: Outcome, context: Context): Decision {
  return done === "register" ? afterRegister(state, outcome, context) : afterBeat(state, outcome, context);
}

function afterRegister(state: WorkerState, outcome: Outcome, { now }: Context): Decision {
  if (outcome.kind === "accepted") {
    // While the platform refuses the beats, its taking a registration proves nothing: no beat at once.
    const again = state.refusals > 1;
    return {
      state: { ...state, phase: again ? "recovering" : "beating", registered: true, tries: 0, aliveAt: now },
      next: "beat",
      wait: again ? "interval" : 0,
    };
  }
  const tries = state.tries + 1;
  const delayMs = outcome.kind === "unavailable" ? registerDelay(tries, outcome.retryAfterMs) : null;
  if (delayMs !== null && state.phase === "registering") {
    return { state: { ...state, tries }, next: "register", wait: delayMs };
  }
  // The beats go on regardless; the first one that is accepted brings the next try to register.
  return {
    state: { ...state, phase: "recovering", registered: false, tries: 0 },
    next: "beat",
    wait: "interval",
  };
}

function afterBeat(state: WorkerState, outcome: Outcome, { pace, now, random }: Context): Decision {
  const recovering: WorkerState = { ...state, phase: "recovering" };
  switch (outcome.kind) {
    case "accepted": {
      const registered = state.registered && !isOverdue(state, pace, now);
      const phase = registered ? "beating" : "registering";
      return {
        state: { ...state, phase, registered, refusals: 0, failures: 0, aliveAt: now },
        next: registered ? "beat" : "register",
        wait: registered ? "interval" : 0,
      };
    }
    case "refused": {
      const refusals = state.refusals + 1;
      // The token may have been revoked for good: a registration is let through then, and brings a new one.
      const next = isTold(refusals) ? "register" : "beat";
      return {
        state: { ...recovering, registered: false, refusals, failures: 0 },
        next,
        wait: next === "register" ? 0 : "interval",
      };
    }
    case "unavailable": {
      const failures = state.failures + 1;
      return {
        state: { ...recovering, failures },
        next: "beat",
        wait: backOffDelay(failures, outcome.retryAfterMs, random),
      };
    }
    default:
      return { state: recovering, next: "beat", wait: "interval" };
  }
}
