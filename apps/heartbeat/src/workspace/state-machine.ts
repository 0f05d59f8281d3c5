import type { Timing } from "../config/timing.ts";
import { backOffDelay, type Random, registerDelay } from "./backoff.ts";
import type { Outcome } from "./outcome.ts";

/**
 * The state of one workspace, as decisions over plain data: what it does next and when. `steps.ts` carries them out.
 *
 * - `registering`: from the start until the platform has accepted it or all attempts have failed
 * - `alive`: its heartbeats are accepted
 * - `recovering`: the last request failed
 */
export interface WorkspaceState {
  readonly phase: "registering" | "alive" | "recovering";
  /**
   * False when the platform may have deregistered the workspace or issued another token for it: then it registers
   * again.
   */
  readonly registered: boolean;
  /** Consecutive failed attempts to register. */
  readonly tries: number;
  /** Consecutive rejections (401, 403). Only an accepted heartbeat resets the count. */
  readonly rejections: number;
  /** Consecutive heartbeats that failed (no answer, 5xx, 429). */
  readonly failures: number;
}

export type Action = "register" | "heartbeat";

/** The initial state: a workspace that another runner has kept alive continues with a heartbeat. */
export const initialState = (begin: Action): WorkspaceState => ({
  phase: "registering",
  registered: begin === "heartbeat",
  tries: 0,
  rejections: 0,
  failures: 0,
});

/** The usual state, shared by all workspaces: a new object for each heartbeat would outlive many of the others. */
const ALIVE: WorkspaceState = { phase: "alive", registered: true, tries: 0, rejections: 0, failures: 0 };

/** When to act next: at the next regular heartbeat, or after this many milliseconds. */
export type Wait = "interval" | number;

export interface Decision {
  readonly state: WorkspaceState;
  readonly next: Action;
  readonly wait: Wait;
}

interface Context {
  readonly timing: Timing;
  /** Since its last accepted request, in milliseconds; 0 before the first. */
  readonly silentMs: number;
  readonly random: Random;
}

/**
 * Called when the wait for `planned` is over. After a pause longer than the platform's liveness timeout (the machine
 * slept, or timers were suspended) a heartbeat would change nothing, so the workspace registers again.
 */
export function resume(
  state: WorkspaceState,
  planned: Action,
  context: Pick<Context, "timing" | "silentMs">,
): [WorkspaceState, Action] {
  if (planned === "register" || state.phase === "recovering" || !isOverdue(context)) return [state, planned];
  return [{ ...state, phase: "registering", registered: false }, "register"];
}

/** The platform reports the workspace as offline: after the next accepted heartbeat it registers again. */
export function deregistered(state: WorkspaceState): WorkspaceState {
  return { ...state, registered: false };
}

/** True when the platform will have set the workspace offline: a heartbeat only extends what a registration started. */
function isOverdue({ timing, silentMs }: Pick<Context, "timing" | "silentMs">): boolean {
  return silentMs > Math.max(timing.livenessTimeoutMs, 1.5 * timing.intervalMs);
}

/** The next state after an outcome. */
export function decide(state: WorkspaceState, done: Action, outcome: Outcome, context: Context): Decision {
  // Nothing was sent: repeat it when requests to the platform are allowed again.
  if (outcome.kind === "circuit_open") return { state, next: done, wait: outcome.retryAfterMs };
  return done === "register" ? afterRegister(state, outcome) : afterHeartbeat(state, outcome, context);
}

function afterRegister(state: WorkspaceState, outcome: Outcome): Decision {
  if (outcome.kind === "accepted") {
    // While heartbeats are rejected, an accepted registration proves nothing: no heartbeat at once.
    const again = state.rejections > 1;
    return {
      state: { ...state, phase: again ? "recovering" : "alive", registered: true, tries: 0 },
      next: "heartbeat",
      wait: again ? "interval" : 0,
    };
  }
  // A heartbeat does not help: a token could not be stored here, or the workspace was removed.
  if (isLocal(outcome) || isRemoved(outcome)) return { state, next: "register", wait: "interval" };
  const tries = state.tries + 1;
  const delayMs = outcome.kind === "unavailable" ? registerDelay(tries, outcome.retryAfterMs) : null;
  if (delayMs !== null && state.phase === "registering") {
    return { state: { ...state, tries }, next: "register", wait: delayMs };
  }
  // Heartbeats continue; the first accepted one triggers the next attempt to register.
  return {
    state: { ...state, phase: "recovering", registered: false, tries: 0 },
    next: "heartbeat",
    wait: "interval",
  };
}

function afterHeartbeat(state: WorkspaceState, outcome: Outcome, context: Context): Decision {
  if (outcome.kind === "accepted") {
    if (state.registered && !isOverdue(context)) return { state: ALIVE, next: "heartbeat", wait: "interval" };
    const unregistered: WorkspaceState = { ...initialState("register"), tries: state.tries };
    return { state: unregistered, next: "register", wait: 0 };
  }
  const recovering: WorkspaceState = { ...state, phase: "recovering" };
  switch (outcome.kind) {
    case "unauthorized":
    case "forbidden": {
      const rejections = state.rejections + 1;
      // The token may have been revoked for good: then a registration is accepted and returns a new one.
      const next = registersAfter(rejections) ? "register" : "heartbeat";
      return {
        state: { ...recovering, registered: false, rejections, failures: 0 },
        next,
        wait: next === "register" ? 0 : "interval",
      };
    }
    case "unavailable": {
      const failures = state.failures + 1;
      return {
        state: { ...recovering, failures },
        next: "heartbeat",
        wait: backOffDelay(failures, outcome.retryAfterMs, context.random),
      };
    }
    default:
      return { state: recovering, next: "heartbeat", wait: "interval" };
  }
}

/** The request could not be made: a token could not be stored, or an environment variable is not a valid header. */
const isLocal = (outcome: Outcome): boolean => outcome.kind === "invalid" && outcome.status === 0;

const isRemoved = (outcome: Outcome): boolean =>
  outcome.kind === "not_found" && outcome.code === "WORKSPACE_REMOVED";

/** After the first rejections, and then occasionally: a registration costs the platform more than a heartbeat. */
function registersAfter(rejections: number): boolean {
  return rejections <= 3 || (rejections - 3) % 20 === 0;
}
