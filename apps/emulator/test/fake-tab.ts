import {
  type Outcome,
  Runner,
  type RunnerStatus,
  type Timer,
  type WorkspaceClient,
} from "../page/join/runner.ts";

export const accepted: Outcome = null;
const failure = { code: "", status: 0, message: "", retryAfterMs: 0, sent: "no" } as const;
export const rejected: Outcome = { ...failure, kind: "unauthorized", status: 401 };
export const down = { ...failure, kind: "unavailable", status: 503 } as const;
export const paused = { ...failure, kind: "circuit_open", message: "nothing was sent" } as const;
export const removed: Outcome = { ...failure, kind: "not_found", code: "WORKSPACE_REMOVED", status: 410 };
export const INTERVAL_MS = 5_000;

/** Lets everything settle before the test continues. */
export const settled = () => new Promise((resolve) => setImmediate(resolve));

/** A tab with scripted platform answers and a simulated clock. */
export function tab(
  answers: { register?: (Outcome | Promise<Outcome>)[]; heartbeat?: Outcome[]; use?: Outcome } = {},
) {
  const asked: string[] = [];
  const shown: RunnerStatus[] = [];
  let now = 0;
  let due: { at: number; run: () => void } | null = null;
  const answer = (name: string, outcomes: (Outcome | Promise<Outcome>)[] = []) => {
    asked.push(name);
    return outcomes.shift() ?? accepted;
  };
  const client: WorkspaceClient = {
    register: async () => answer("register", answers.register),
    heartbeat: async () => answer("heartbeat", answers.heartbeat),
    use: async () => answers.use ?? accepted,
  };
  const timer: Timer = {
    now: () => now,
    after(ms, run) {
      const own = { at: now + ms, run };
      due = own;
      return () => {
        if (due === own) due = null;
      };
    },
  };
  const runner = new Runner({
    client,
    intervalMs: INTERVAL_MS,
    timer,
    changed: (status) => shown.push(status),
  });
  return {
    runner,
    shown,
    /** The calls since the last time this was read. */
    asked: () => asked.splice(0),
    isWaiting: () => due !== null,
    async start() {
      runner.start();
      await settled();
    },
    async pass(ms: number) {
      now += ms;
      if (due === null || due.at > now) return;
      const { run } = due;
      due = null;
      run();
      await settled();
    },
  };
}
