import { type Clock, sleep } from "../clock.ts";
import type { PostgresStore } from "../storage/postgres/postgres-store.ts";
import { refKey, type WorkspaceRef } from "../storage/workspace-store.ts";
import type { ClusterEvent } from "./cluster-events.ts";
import { type OfferOptions, offerSpilled } from "./spill.ts";

export type CatchUpStore = OfferOptions["store"] & Pick<PostgresStore, "restoreMissing" | "forget">;

export interface CatchUpOptions {
  readonly clock: Clock;
  /** Whether a workspace is on the current list and this runner owns it. */
  readonly isOwn: () => (ref: WorkspaceRef) => boolean;
  /** Whether a workspace is on the current list and another runner owns it. */
  readonly isElsewhere: () => OfferOptions["isElsewhere"];
  readonly onEvent: (event: ClusterEvent) => void;
}

/** Delay between two attempts to store tokens that only this machine has. */
const PAUSE_MS = 3_000;

/** How long the last attempt may delay the process's end, in milliseconds. */
const LAST_MS = 2_000;

/** Stores the tokens that only this machine has: spilled ones, and those that a database failover lost. */
export class CatchUp {
  readonly #options: CatchUpOptions;
  #store: CatchUpStore | null = null;
  /** This machine may hold tokens of workspaces that another runner owns. */
  #mayHaveLeftovers = true;
  #offering: Promise<unknown> = Promise.resolve();
  /** The next offer, if one has been asked for that has not begun. */
  #next: Promise<number> | null = null;
  /** How many were kept and failed at the last attempt, while it is retried: only a change is reported. */
  #retried = "";
  /**
   * Released to other runners, or no longer listed. Their tokens are forgotten once the store is known to have them.
   */
  readonly #drained = new Map<string, WorkspaceRef>();

  constructor(options: CatchUpOptions) {
    this.#options = options;
  }

  /** Tries until `stop` aborts, while there may be something left. Never rejects. */
  async run(stop: AbortSignal, store: CatchUpStore): Promise<void> {
    this.#store = store;
    while (!stop.aborted) {
      await sleep(this.#options.clock, PAUSE_MS, stop);
      if (this.#mayHaveLeftovers && !stop.aborted) await this.now();
    }
  }

  /** A workspace may be back on the list whose token was left on this machine. */
  later(): void {
    this.#mayHaveLeftovers = true;
  }

  /** Tokens that could not be stored in time exist only on this machine, and the next owner needs them. */
  drained(refs: readonly WorkspaceRef[]): void {
    for (const ref of refs) this.#drained.set(refKey(ref), ref);
    this.later();
    void this.now();
  }

  /** Never rejects: failures are retried later. */
  async now(signal?: AbortSignal): Promise<void> {
    const store = this.#store;
    if (store === null) return;
    try {
      const failed = await this.#offerInTurn(store, signal);
      const drained = [...this.#drained];
      await store.restoreMissing({ signal });
      const isOwnNow = this.#options.isOwn();
      for (const [key, ref] of drained) {
        // Otherwise it was released again meanwhile, perhaps with another token.
        if (this.#drained.get(key) !== ref) continue;
        this.#drained.delete(key);
        if (!isOwnNow(ref)) store.forget(ref);
      }
      if (failed > 0) this.#mayHaveLeftovers = true;
      else this.#retried = "";
    } catch {
      this.#mayHaveLeftovers = true;
    }
  }

  /** Before the process ends: a failover may have lost a token a moment ago that only this process knows. */
  async last(): Promise<void> {
    const ending = new AbortController();
    const { signal } = ending;
    await Promise.race([this.now(signal), sleep(this.#options.clock, LAST_MS, signal)]);
    // A connection that waits for an answer would delay the end, too.
    ending.abort();
  }

  /** One after another: at the same time, each would mistake a token that the other has just stored for a different one. */
  #offerInTurn(store: CatchUpStore, signal: AbortSignal | undefined): Promise<number> {
    this.#next ??= this.#offering.then(() => {
      this.#next = null;
      const offering = this.#offer(store, signal);
      this.#offering = offering.catch(() => {});
      return offering;
    });
    return this.#next;
  }

  /** Returns how many failed. */
  async #offer(store: CatchUpStore, signal: AbortSignal | undefined): Promise<number> {
    const { isElsewhere, onEvent } = this.#options;
    this.#mayHaveLeftovers = false;
    const offered = await offerSpilled({ store, isElsewhere: isElsewhere(), signal });
    const [stored, kept, failed] = [offered.stored.length, offered.kept.length, offered.failed.length];
    const isSame = this.#retried === `${kept} ${failed}`;
    if (stored > 0 || (kept + failed > 0 && !isSame))
      onEvent({ type: "tokens-caught-up", stored, kept, failed });
    this.#retried = `${kept} ${failed}`;
    return failed;
  }
}
