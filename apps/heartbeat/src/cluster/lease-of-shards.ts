import { type Clock, sleep } from "../clock.ts";
import type { WorkspaceRef } from "../storage/workspace-store.ts";
import { type Lease, PERMISSIONS, type Permissions } from "../workspace/permissions.ts";
import type { Ownership } from "./ownership.ts";
import { shardOf } from "./shard-of.ts";

export interface LeaseOfShardsOptions {
  readonly ownership: Pick<Ownership, "stateOf" | "leaseMs">;
  readonly clock: Clock;
  /** Timeout of a request to the platform, in milliseconds. */
  readonly requestTimeoutMs: number;
}

/** Longer than one renewal interval: by then the renewals have stopped. */
const LONGEST_WAIT_MS = 6_000;
const STEP_MS = 250;

/** What this runner may do for a workspace, given the lease on its shard. */
export class LeaseOfShards implements Lease {
  readonly #options: LeaseOfShardsOptions;
  /** Cached, because each step asks and a digest costs more than the rest of the step. */
  readonly #shards = new WeakMap<WorkspaceRef, number>();

  constructor(options: LeaseOfShardsOptions) {
    this.#options = options;
  }

  permissionsOf(ref: WorkspaceRef): Permissions {
    let shard = this.#shards.get(ref);
    if (shard === undefined) {
      shard = shardOf(ref);
      this.#shards.set(ref, shard);
    }
    return PERMISSIONS[this.#options.ownership.stateOf(shard)];
  }

  /** Waits for the next renewal if the lease may expire before the platform answers. */
  async outlastsRequest(ref: WorkspaceRef, signal: AbortSignal): Promise<boolean> {
    const { ownership, clock, requestTimeoutMs } = this.#options;
    const deadline = clock.monotonic() + LONGEST_WAIT_MS;
    while (!signal.aborted && this.permissionsOf(ref).registerUnsigned) {
      if (ownership.leaseMs() >= requestTimeoutMs) return true;
      if (clock.monotonic() >= deadline) return false;
      await sleep(clock, STEP_MS, signal);
    }
    return false;
  }
}
