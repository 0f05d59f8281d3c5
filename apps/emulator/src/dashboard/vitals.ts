import type { Sample } from "./messages.ts";

/** What answering a workspace's requests tells about it. */
export interface Vitals {
  readonly samples: readonly Sample[];
  /** 401s in a row, up to now. */
  readonly refusals: number;
  readonly recovery: { readonly at: number; readonly refusals: number } | null;
}

/** How many samples are kept for each workspace. */
const KEPT_SAMPLES = 30;

const none: Vitals = { samples: [], refusals: 0, recovery: null };

/** The vitals of every workspace, at a constant cost for each request. */
export class VitalsBook {
  readonly #vitals = new Map<string, Vitals>();

  get(id: string): Vitals {
    return this.#vitals.get(id) ?? none;
  }

  /** Takes down an answer. Gives how many 401s it ended: 0 for all but a recovery. */
  answered(
    id: string,
    answer: { readonly at: number; readonly ms: number; readonly status: number },
  ): number {
    const before = this.get(id);
    const samples = [...before.samples.slice(1 - KEPT_SAMPLES), [answer.ms, answer.status] as const];
    const recovered = answer.status === 200 ? before.refusals : 0;
    this.#vitals.set(id, {
      samples,
      refusals: answer.status === 401 ? before.refusals + 1 : before.refusals - recovered,
      recovery: recovered > 0 ? { at: answer.at, refusals: recovered } : before.recovery,
    });
    return recovered;
  }

  clear(): void {
    this.#vitals.clear();
  }
}
