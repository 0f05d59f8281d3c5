import { type Clock, sleep } from "../clock.ts";
import type { WorkspaceRef } from "../storage/workspace-store.ts";
import { type Lease, PERMISSIONS, type Permissions } from "../workspace/permissions.ts";
import type { Ownership } from "./ownership.ts";
import { shardOf } from "./shard-of.ts";

export interface LeaseOfShardsOptions {
  readonly ownership: Pick<Ownership, "stateOf" | "leaseMs">;
  readonly clock: Clock;
  /** How long a request to the platform may take, in milliseconds. */
  readonly requestTimeoutMs: number;
}

/** Longer than from one renewal to the next: after it the lease is not renewed for now. */
const LONGEST_WAIT_MS = 6_000;
const STEP_MS = 250;

/** What this runner may do for a workspace: what the lease on its shard allows. */
export class LeaseOfShards implements Lease {
  readonly #options: LeaseOfShardsOptions;
  /** Each step asks, and a digest costs more than all the rest of it. */
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

  /** Waits for the next renewal, where the lease may run out before the platform answers. */
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
