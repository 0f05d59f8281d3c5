import type { Sample } from "./messages.ts";

/** The newest answers to the requests of a workspace. */
export interface RequestStats {
  readonly samples: readonly Sample[];
  /** 401s in a row, up to now. */
  readonly rejections: number;
  readonly recovery: { readonly at: number; readonly rejections: number } | null;
}

/** How many samples are kept for each workspace. */
const KEPT_SAMPLES = 30;

const none: RequestStats = { samples: [], rejections: 0, recovery: null };

/** The request stats of every workspace, at a constant cost for each request. */
export class RequestStatsByWorkspace {
  readonly #stats = new Map<string, RequestStats>();

  get(id: string): RequestStats {
    return this.#stats.get(id) ?? none;
  }

  /** Records an answer. Returns how many 401s in a row it ended: 0 for all but a recovery. */
  record(id: string, answer: { readonly at: number; readonly ms: number; readonly status: number }): number {
    const before = this.get(id);
    const samples = [...before.samples.slice(1 - KEPT_SAMPLES), [answer.ms, answer.status] as const];
    const recovered = answer.status === 200 ? before.rejections : 0;
    this.#stats.set(id, {
      samples,
      rejections: answer.status === 401 ? before.rejections + 1 : before.rejections - recovered,
      recovery: recovered > 0 ? { at: answer.at, rejections: recovered } : before.recovery,
    });
    return recovered;
  }

  forget(id: string): void {
    this.#stats.delete(id);
  }

  clear(): void {
    this.#stats.clear();
  }
}
