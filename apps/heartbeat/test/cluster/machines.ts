import type { Clock } from "../../src/clock.ts";

/** The simulation's global time, in real milliseconds. */
export class World {
  now = 0;
  readonly #events = new Set<{ at: number; run: () => void }>();

  at(ms: number, run: () => void): () => void {
    const event = { at: Math.max(ms, this.now), run };
    this.#events.add(event);
    return () => void this.#events.delete(event);
  }

  /** @param check called after each event */
  async advance(ms: number, check: () => void = () => {}): Promise<void> {
    const end = this.now + ms;
    for (;;) {
      await settle();
      check();
      let next: { at: number; run: () => void } | null = null;
      for (const event of this.#events) if (next === null || event.at < next.at) next = event;
      if (next === null || next.at > end) break;
      this.#events.delete(next);
      this.now = next.at;
      next.run();
    }
    this.now = end;
  }
}

/** Settles when all promises that can settle now have settled. */
async function settle(): Promise<void> {
  await new Promise(setImmediate);
}

/** A machine with its own clock, which may be paused for a while: nothing runs on it then. */
export class Machine {
  readonly clock: Clock;
  readonly #world: World;
  #pausedUntil = 0;
  isDead = false;

  /** @param rate how many of its milliseconds pass per real millisecond */
  constructor(world: World, { rate, offset }: { readonly rate: number; readonly offset: number }) {
    this.#world = world;
    const local = () => offset + world.now * rate;
    this.clock = {
      monotonic: local,
      wall: () => 1_700_000_000_000 + local(),
      after: (ms, ring) => this.later(ms / rate, ring),
    };
  }

  pause(ms: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, this.#world.now + ms);
  }

  /** Runs it on this machine after this many real milliseconds, or when the machine resumes. */
  later(ms: number, run: () => void): () => void {
    let isCancelled = false;
    const attempt = () => {
      if (isCancelled || this.isDead) return;
      if (this.#world.now < this.#pausedUntil) this.#world.at(this.#pausedUntil, attempt);
      else run();
    };
    this.#world.at(this.#world.now + ms, attempt);
    return () => {
      isCancelled = true;
    };
  }
}
