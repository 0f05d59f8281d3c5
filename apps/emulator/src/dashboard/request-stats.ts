import type { FailingMessage } from "./messages.ts";
import { type Ending, isFailure } from "./words.ts";

/** Statistics of a workspace's latest requests to the registry. */
export interface RequestStats {
  /** Of the last answered request. */
  readonly latencyMs: number | null;
  /** The number of recorded requests, at most 30, */
  readonly requests: number;
  /** and the number of failures among them. */
  readonly failures: number;
  /** The last request's failure, and the number of failures in a row; null if it succeeded. */
  readonly failing: FailingMessage | null;
  /** 401s in a row so far. */
  readonly rejections: number;
  readonly recovery: { readonly at: number; readonly rejections: number } | null;
}

/** The number of requests remembered per workspace. */
const KEPT = 30;

interface Kept extends RequestStats {
  /** Whether each of the last requests failed, oldest first. */
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

  /** Records a request's outcome. @returns the number of 401s in a row that it ended: 0 unless it is a recovery */
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
