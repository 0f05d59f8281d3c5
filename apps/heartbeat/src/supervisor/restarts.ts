import type { RestartPolicy } from "../config/command-flags.ts";

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;
/** One that has run for longer than this begins with the first pause again. */
const HEALTHY_MS = 60_000;

/** Decides when a command that has ended is started again. */
export class Restarts {
  readonly #policy: RestartPolicy;
  #pauseMs = FIRST_PAUSE_MS;

  constructor(policy: RestartPolicy) {
    this.#policy = policy;
  }

  /** How many milliseconds to wait before the next start; `null`: do not restart. */
  next({ code, ranMs }: { readonly code: number; readonly ranMs: number }): number | null {
    if (this.#policy === "no" || (this.#policy === "on-failure" && code === 0)) return null;
    if (ranMs > HEALTHY_MS) this.#pauseMs = FIRST_PAUSE_MS;
    const pauseMs = this.#pauseMs;
    this.#pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2);
    return pauseMs;
  }
}
