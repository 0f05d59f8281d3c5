import type { FailingMessage } from "./messages.ts";
import { type Ending, isFailure } from "./words.ts";

/** How the newest requests of a workspace to the registry ended. */
export interface RequestStats {
  /** Of the last one that was answered. */
  readonly latencyMs: number | null;
  /** How many of the last requests are known, at most 30, */
  readonly requests: number;
  /** and how many of them failed. */
  readonly failures: number;
  /** How the last one failed, and how many in a row did; null when it succeeded. */
  readonly failing: FailingMessage | null;
  /** 401s in a row, up to now. */
  readonly rejections: number;
  readonly recovery: { readonly at: number; readonly rejections: number } | null;
}

/** How many requests are remembered for each workspace. */
const KEPT = 30;

interface Kept extends RequestStats {
  /** Whether each of the last requests failed, the oldest first. */
  readonly last: readonly boolean[];
}

const none: Kept = {
  last: [],
  latencyMs: null,
  requests: 0,
  failures: 0,
  failing: null,
  rejections: 0,
  recovery: null,
};

/** The request stats of every workspace, at a constant cost for each request. */
export class RequestStatsByWorkspace {
  readonly #stats = new Map<string, Kept>();

  get(id: string): RequestStats {
    return this.#stats.get(id) ?? none;
  }

  /** Records how a request ended. Returns how many 401s in a row it ended: 0 for all but a recovery. */
  record(id: string, at: number, ending: Ending): number {
    const before = this.#stats.get(id) ?? none;
    const { outcome, status, latencyMs } = ending;
    const failed = isFailure(ending);
    const last = [...before.last.slice(1 - KEPT), failed];
    const recovered = failed ? 0 : before.rejections;
    this.#stats.set(id, {
      last,
      latencyMs: outcome === "answered" ? latencyMs : before.latencyMs,
      requests: last.length,
      failures: last.filter((each) => each).length,
      failing: failed ? { outcome, status, latencyMs, times: (before.failing?.times ?? 0) + 1 } : null,
      rejections: status === 401 ? before.rejections + 1 : before.rejections - recovered,
      recovery: recovered > 0 ? { at, rejections: recovered } : before.recovery,
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
