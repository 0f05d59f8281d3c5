import { SHARDS } from "../storage/postgres/schema.ts";
import type { LeaseState } from "../workspace/permissions.ts";
import type { ClusterEvent, ClusterStatus } from "./cluster-events.ts";
import { decide } from "./decide.ts";
import { evictAll, unlessHeld } from "./held-rows.ts";
import type { ClaimedShard, Ownerships } from "./lease-store.ts";
import { LEASE_TIMING, type LeaseTiming } from "./lease-timing.ts";
import { ListComparison } from "./list-comparison.ts";
import { inspect, NO_SIGHTINGS, nextDeathMs, type Runner } from "./membership.ts";
import { OwnLease } from "./own-lease.ts";
import { OwnShards } from "./own-shards.ts";
import type { OwnershipOptions } from "./ownership-options.ts";
import { Rounds } from "./rounds.ts";
import { StoreReachability } from "./store-reachability.ts";

/** Delay before the next attempt after a failed one, in milliseconds. */
const RETRY_MS = 1_000;
const NOT_AT_ONCE_MS = 50;

/** The shards that this runner owns, and what it may do with them. */
export class Ownership {
  readonly #options: OwnershipOptions;
  readonly #timing: LeaseTiming;
  readonly #lease: OwnLease;
  readonly #shards = new OwnShards();
  readonly #lists: ListComparison;
  readonly #rounds: Rounds;
  readonly #emit: (event: ClusterEvent) => void;
  readonly #reachability: StoreReachability;
  #sightings = NO_SIGHTINGS;
  /** What the store answered last. */
  #seen: Ownerships = { runners: [], owners: Array.from({ length: SHARDS }, () => null) };

  constructor(options: OwnershipOptions) {
    const { store, clock, name, runner, timing = LEASE_TIMING, onEvent = () => {} } = options;
    this.#options = options;
    this.#timing = timing;
    this.#emit = onEvent;
    this.#lease = new OwnLease({ store, clock, timing, name, runner, emit: onEvent });
    this.#lists = new ListComparison(onEvent);
    this.#rounds = new Rounds(clock);
    this.#reachability = new StoreReachability(clock, onEvent);
  }

  /** Identifies this process. */
  get runner(): string {
    return this.#lease.runner;
  }

  /** The id of its row, as others see it; `null` while it has none. */
  get id(): string | null {
    return this.#lease.id;
  }

  stateOf(shard: number): LeaseState {
    if (this.#lease.id === null || !this.#shards.has(shard)) return "lost";
    if (this.#lease.isLeaving || !this.#shards.isHeld(shard)) return "draining";
    return this.#lease.remainingMs() > 0 ? "held" : "unsure";
  }

  /** How long this runner may rely on its shards, in milliseconds; 0 or less when the lease has expired. */
  leaseMs(): number {
    return this.#lease.remainingMs();
  }

  status(): ClusterStatus {
    const states = this.#shards.all().map((shard) => this.stateOf(shard));
    const count = (state: LeaseState) => states.filter((each) => each === state).length;
    const { runners, owners } = this.#seen;
    return {
      runner: this.runner,
      membership: this.#lease.membership(),
      leaseMs: Math.max(0, this.#lease.remainingMs()),
      isStoreUp: this.#reachability.isUp && this.#lease.id !== null,
      hasListMismatch: this.#lists.isMismatch,
      shards: { held: count("held"), unsure: count("unsure"), draining: count("draining") },
      unowned: owners.filter((owner, shard) => owner === null && !this.#shards.has(shard)).length,
      runners: runners.length,
    };
  }

  /** All runners of the fleet, when the store was last asked. */
  runners(): readonly Runner[] {
    return this.#seen.runners;
  }

  /** The other runner that had the shard when the store was last asked; `null`: none had. */
  ownerOf(shard: number): Runner | null {
    const owner = this.#seen.owners[shard];
    return this.#seen.runners.find(({ id }) => id === owner && id !== this.id) ?? null;
  }

  /** Renews the lease, evicts dead runners, claims and gives back, until `stop` aborts. Never rejects. */
  async run(stop: AbortSignal): Promise<void> {
    const { store, random } = this.#options;
    const { renewMs } = this.#timing;
    const unwatch = store.watch(() => this.#rounds.wake());
    while (!stop.aborted) {
      const isDone = await this.#attempt(stop);
      const pauseMs = (isDone ? renewMs : Math.min(RETRY_MS, renewMs)) * (0.9 + 0.2 * random());
      await this.#rounds.pause(isDone ? Math.min(pauseMs, this.#nextDeathMs()) : pauseMs, stop);
    }
    unwatch();
  }

  /**
   * Releases everything; call it once nothing is in flight. If the store cannot be reached, others take over when the
   * lease has expired. Never rejects.
   */
  async leave(): Promise<void> {
    const { store } = this.#options;
    const { id } = this.#lease;
    this.#lease.isLeaving = true;
    if (id === null) return;
    try {
      const shards = this.#shards.all();
      if (shards.length > 0) await store.release(id, shards, shards.filter(this.#options.isAlive));
      await store.leave(id);
    } catch (error) {
      this.#reachability.failed(error);
    }
    this.#shards.remove(this.#shards.all());
    this.#lease.end();
  }

  /** Runs a round when another runner may be dead, instead of up to five seconds later. */
  #nextDeathMs(): number {
    const now = this.#options.clock.monotonic();
    return Math.max(NOT_AT_ONCE_MS, nextDeathMs(this.#sightings, this.#lease.id, now, this.#timing.ttlMs));
  }

  async #attempt(stop: AbortSignal): Promise<boolean> {
    try {
      await this.#round(stop);
      // Not earlier: a store that renews the lease may still reject everything else, in every round.
      this.#reachability.reached();
      return true;
    } catch (error) {
      this.#reachability.failed(error);
      this.#lease.observe();
      return false;
    }
  }

  async #round(stop: AbortSignal): Promise<void> {
    const { store, clock, listDigest } = this.#options;
    const digest = listDigest();
    const id = await this.#lease.renew(digest);
    if (id === null) {
      this.#lose(this.#shards.all());
      return this.#rounds.wake();
    }
    const sentAt = clock.monotonic();
    const seen = await store.list();
    const inspection = { runners: seen.runners, sentAt, receivedAt: clock.monotonic() };
    const { sightings, dead } = inspect(this.#sightings, inspection, this.#timing);
    this.#sightings = sightings;
    this.#seen = seen;
    this.#lists.compare(digest, seen.runners);
    this.#reconcile(id, seen.owners);
    this.#lease.confirm();
    const notEvicted = await evictAll(
      dead.filter((runner) => runner.id !== id),
      { store, onEvicted: (runner) => this.#evicted(runner) },
    );
    const held = [...notEvicted.values(), ...(await unlessHeld(this.#giveBack(id)))];
    const runners = seen.runners.filter((runner) => !notEvicted.has(runner.id));
    if (!stop.aborted) await this.#balance(id, { ...seen, runners });
    for (const error of held) throw error;
  }

  /** The store takes precedence over this process's memory: the answer to a claim may have been lost. */
  #reconcile(id: string, owners: readonly (string | null)[]): void {
    const unknown = owners.flatMap((owner, shard) =>
      owner === id && !this.#shards.has(shard) ? [{ shard, isHandedOver: false }] : [],
    );
    this.#gain(unknown);
    this.#lose(this.#shards.all().filter((shard) => owners[shard] !== id));
  }

  #evicted({ id, name }: Runner): void {
    this.#emit({ type: "runner-evicted", runner: id, name });
    // Its shards are free now.
    this.#rounds.wake();
  }

  async #giveBack(id: string): Promise<void> {
    const drained = this.#shards.drained();
    if (drained.length === 0) return;
    await this.#options.store.release(id, drained, this.#shards.alive(drained));
    this.#shards.remove(drained);
    this.#emit({ type: "shards-released", count: drained.length });
  }

  async #balance(id: string, { runners, owners }: Ownerships): Promise<void> {
    const ids = runners.map((runner) => runner.id);
    // Evicted between the renewal and the answer.
    if (!ids.includes(id)) return this.#rounds.wake();
    // A shard released a moment ago is no longer ours.
    const current = owners.map((owner, shard) => (owner === id && !this.#shards.has(shard) ? null : owner));
    const draining = this.#shards.leaving();
    const { claim, release } = decide({ me: id, runners: ids, owners: current, draining });
    if (claim > 0) this.#gain(await this.#options.store.claim(id, claim));
    if (release.length > 0) this.#drain(id, release);
  }

  #gain(shards: readonly ClaimedShard[]): void {
    if (shards.length === 0) return;
    this.#shards.add(shards.map(({ shard }) => shard));
    const handedOver = shards.filter(({ isHandedOver }) => isHandedOver).length;
    this.#emit({ type: "shards-gained", count: shards.length, handedOver });
    this.#options.onGained(shards);
  }

  #drain(id: string, shards: readonly number[]): void {
    this.#shards.drain(shards, this.#options.isAlive);
    void this.#options.onDrain(shards).then(() => {
      if (this.#lease.id === id) this.#shards.markDrained(shards);
      this.#rounds.wake();
    });
  }

  #lose(shards: readonly number[]): void {
    if (shards.length === 0) return;
    this.#shards.remove(shards);
    this.#options.onLost(shards);
  }
}
