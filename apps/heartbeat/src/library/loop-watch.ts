import type { Clock } from "../clock.ts";
import type { RuntimeReport } from "../workspace/agent-options.ts";

/**
 * How often the watched thread shows that its event loop is running, and how often that is checked, in milliseconds.
 */
const TURN_MS = 500;

/** Counts the turns of an event loop where another thread can read them. */
export const createTurns = (): Int32Array =>
  new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));

/** Counts the turns of this thread's event loop without keeping the process alive. Returns a function that stops it. */
export function countTurns(turns: Int32Array): () => void {
  const timer = setInterval(() => void Atomics.add(turns, 0, 1), TURN_MS);
  timer.unref();
  return () => clearInterval(timer);
}

export interface LoopWatchOptions {
  readonly turns: Int32Array;
  readonly clock: Pick<Clock, "after">;
  /** Milliseconds without a turn until the loop counts as wedged. */
  readonly wedgedAfterMs: number;
  /** Called when a wedged loop runs again. */
  readonly onTurning: (blockedMs: number) => void;
}

/**
 * Watches another thread's event loop. Counts time only while this thread runs: after a sleep of the machine or the
 * process, both continue where they were.
 */
export class LoopWatch {
  readonly #options: LoopWatchOptions;
  #seen: number;
  #stillMs = 0;
  #cancel = () => {};

  constructor(options: LoopWatchOptions) {
    this.#options = options;
    this.#seen = Atomics.load(options.turns, 0);
    this.#check();
  }

  /** What a heartbeat reports about it. */
  report(): RuntimeReport {
    if (!this.#isWedged) return {};
    const seconds = Math.round(this.#stillMs / 1_000);
    return {
      runtimeState: "wedged",
      sampleError: `the agent's event loop has been blocked for ${seconds} s`,
    };
  }

  close(): void {
    this.#cancel();
  }

  get #isWedged(): boolean {
    return this.#stillMs >= this.#options.wedgedAfterMs;
  }

  #check(): void {
    const { turns, clock, onTurning } = this.#options;
    this.#cancel = clock.after(TURN_MS, () => {
      const now = Atomics.load(turns, 0);
      if (now === this.#seen) this.#stillMs += TURN_MS;
      else {
        if (this.#isWedged) onTurning(this.#stillMs);
        this.#stillMs = 0;
      }
      this.#seen = now;
      this.#check();
    });
  }
}
