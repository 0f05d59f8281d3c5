import type { RestartPolicy } from "../config/command-flags.ts";

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;
/** A command that has run for longer than this starts again with the first pause. */
const HEALTHY_MS = 60_000;

/** Decides when to restart a command that has exited. */
export class Restarts {
  readonly #policy: RestartPolicy;
  #pauseMs = FIRST_PAUSE_MS;

  constructor(policy: RestartPolicy) {
    this.#policy = policy;
  }

  /** Milliseconds to wait before the next start; `null` for no restart. */
  next({ code, ranMs }: { readonly code: number; readonly ranMs: number }): number | null {
    if (this.#policy === "no" || (this.#policy === "on-failure" && code === 0)) return null;
    if (ranMs > HEALTHY_MS) this.#pauseMs = FIRST_PAUSE_MS;
    const pauseMs = this.#pauseMs;
    this.#pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2);
    return pauseMs;
  }
}
