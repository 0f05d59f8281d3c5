import type { Clock } from "../clock.ts";
import type { WorkspaceConfig } from "../config/workspaces.ts";
import type { Changes } from "../fleet/changes.ts";
import type { Fleet } from "../fleet/fleet-types.ts";
import { refOf } from "../fleet/workspace-auth.ts";
import { refKey, type WorkspaceRef } from "../storage/workspace-store.ts";
import type { Action } from "../workspace/state-machine.ts";
import { CatchUp, type CatchUpStore } from "./catch-up.ts";
import type { ClusterEvent, ClusterStatus } from "./cluster-events.ts";
import { LeaseOfShards } from "./lease-of-shards.ts";
import type { ClaimedShard, LeaseStore } from "./lease-store.ts";
import type { LeaseTiming } from "./lease-timing.ts";
import { listDigest } from "./list-digest.ts";
import { Ownership } from "./ownership.ts";
import { shardOf } from "./shard-of.ts";

export interface ClusterOptions {
  readonly leases: LeaseStore;
  readonly clock: Clock;
  readonly random: () => number;
  /** Identifies this process. @default 9 random bytes */
  readonly runner?: string;
  /** Display name of this runner. */
  readonly name: string;
  /** Timeout of a request to the platform, in milliseconds. */
  readonly requestTimeoutMs: number;
  readonly onEvent: (event: ClusterEvent) => void;
  readonly timing?: LeaseTiming;
}

/** How many workspaces removed from the list a runner still remembers the tokens of. */
const MOST_UNLISTED = 10_000;

/** Where a cluster adds and removes workspaces. */
interface Parts {
  readonly fleet: Pick<Fleet, "apply" | "remove" | "isBegun">;
  readonly store: CatchUpStore;
}

/** One runner's part of a list of workspaces that several runners share. */
export class Cluster {
  readonly lease: LeaseOfShards;
  readonly #options: ClusterOptions;
  readonly #ownership: Ownership;
  readonly #catchUp: CatchUp;
  #parts: Parts | null = null;
  #list: readonly WorkspaceConfig[] = [];
  /** No longer on the list, the oldest first. Their tokens are kept, because they may come back. */
  #unlisted: readonly WorkspaceRef[] = [];
  #digest = "";
  /** By shard. */
  #byShard = new Map<number, WorkspaceConfig[]>();
  /** How the workspaces of these shards begin, until the list is applied. */
  readonly #gained = new Map<number, Action>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: ClusterOptions) {
    const { leases, clock, random, runner, name, timing, onEvent } = options;
    this.#options = options;
    this.#ownership = new Ownership({
      store: leases,
      clock,
      random,
      name,
      ...(runner !== undefined && { runner }),
      ...(timing !== undefined && { timing }),
      listDigest: () => this.#digest,
      onGained: (shards) => this.#gain(shards),
      isAlive: (shard) => (this.#byShard.get(shard) ?? []).every(({ id }) => this.#parts?.fleet.isBegun(id)),
      onDrain: (shards) => this.#drain(shards),
      onLost: (shards) => void this.#drain(shards),
      onEvent: (event) => {
        if (event.type === "store-reachable" || event.type === "joined") void this.#catchUp.now();
        onEvent(event);
      },
    });
    this.#catchUp = new CatchUp({
      clock,
      isOwn: () => this.#own(),
      isElsewhere: () => this.#elsewhere(),
      onEvent,
    });
    const { requestTimeoutMs } = options;
    this.lease = new LeaseOfShards({ ownership: this.#ownership, clock, requestTimeoutMs });
  }

  /** Identifies this process. */
  get runner(): string {
    return this.#ownership.runner;
  }

  /** Identifies the row of the store that shows this runner as the workspace's owner. */
  fenceOf(ref: WorkspaceRef): { readonly shard: number; readonly owner: string | null } {
    return { shard: shardOf(ref), owner: this.#ownership.id };
  }

  status(): ClusterStatus {
    return this.#ownership.status();
  }

  /** Names of all runners, for people, when the store was last asked. */
  runners(): readonly string[] {
    return this.#ownership
      .runners()
      .map(({ name }) => name)
      .sort();
  }

  /** Workspaces of the list that this runner does not own, and the name of their owner; `null`: none. */
  elsewhere(): readonly { readonly workspace: WorkspaceConfig; readonly owner: string | null }[] {
    return [...this.#byShard].flatMap(([shard, workspaces]) => {
      if (this.#isOwnShard(shard)) return [];
      const owner = this.#ownership.ownerOf(shard)?.name ?? null;
      return workspaces.map((workspace) => ({ workspace, owner }));
    });
  }

  /** Sets the list that all runners share, and applies this runner's part of it. */
  async apply(list: readonly WorkspaceConfig[]): Promise<Changes> {
    const before = this.#list;
    this.#list = list;
    this.#digest = listDigest(list);
    this.#catchUp.later();
    this.#byShard = new Map();
    for (const workspace of list) {
      const shard = shardOf(refOf(workspace));
      const others = this.#byShard.get(shard);
      if (others === undefined) this.#byShard.set(shard, [workspace]);
      else others.push(workspace);
    }
    const changes = await this.#applyOwn();
    const isListed = this.#listed();
    const unlisted = [...this.#unlisted, ...before.map(refOf)].filter((ref) => !isListed(ref));
    this.#unlisted = unlisted.slice(-MOST_UNLISTED);
    const oldest = unlisted.slice(0, -MOST_UNLISTED);
    if (oldest.length > 0) this.#catchUp.drained(oldest);
    return changes;
  }

  /** Takes part until `stop` aborts. Never rejects. */
  async run(stop: AbortSignal, parts: Parts): Promise<void> {
    this.#parts = parts;
    const catchingUp = this.#catchUp.run(stop, parts.store);
    await this.#ownership.run(stop);
    await catchingUp;
  }

  /** Releases all shards. Call it once nothing is in flight. Never rejects. */
  async leave(): Promise<void> {
    await this.#last.catch(() => {});
    // At once: a silent network must not delay the end twice.
    await Promise.all([this.#catchUp.last(), this.#ownership.leave()]);
    await this.#options.leases.close();
  }

  #isOwn(workspace: WorkspaceConfig): boolean {
    return this.#isOwnShard(shardOf(refOf(workspace)));
  }

  #isOwnShard(shard: number): boolean {
    const state = this.#ownership.stateOf(shard);
    return state === "held" || state === "unsure";
  }

  /** One after another: each call sees what this runner owns when it starts. */
  #applyOwn(): Promise<Changes> {
    const applied = this.#last.then(async () => {
      const gained = new Map(this.#gained);
      this.#gained.clear();
      const own = this.#list.filter((workspace) => this.#isOwn(workspace));
      const beginOf = (workspace: WorkspaceConfig) => gained.get(shardOf(refOf(workspace))) ?? "register";
      return (await this.#parts?.fleet.apply(own, beginOf)) ?? NO_CHANGES;
    });
    this.#last = applied.catch(() => {});
    return applied;
  }

  #gain(shards: readonly ClaimedShard[]): void {
    for (const { shard, isHandedOver } of shards)
      this.#gained.set(shard, isHandedOver ? "heartbeat" : "register");
    void this.#applyOwn();
  }

  /** Settles when nothing is in flight for these shards. */
  async #drain(shards: readonly number[]): Promise<void> {
    const ended = shards.flatMap((shard) => this.#byShard.get(shard) ?? []);
    await this.#last;
    await Promise.all(ended.map(({ id }) => this.#parts?.fleet.remove(id)));
    this.#catchUp.drained(ended.map(refOf));
  }

  /** Whether a workspace is on the list and not this runner's. */
  #elsewhere(): (ref: WorkspaceRef) => boolean {
    const isListed = this.#listed();
    return (ref) => isListed(ref) && !this.#isOwnShard(shardOf(ref));
  }

  #own(): (ref: WorkspaceRef) => boolean {
    const isListed = this.#listed();
    return (ref) => isListed(ref) && this.#isOwnShard(shardOf(ref));
  }

  /** Whether a workspace is on the current list. */
  #listed(): (ref: WorkspaceRef) => boolean {
    const listed = new Set(this.#list.map((workspace) => refKey(refOf(workspace))));
    return (ref) => listed.has(refKey(ref));
  }
}

const NO_CHANGES: Changes = { added: [], removed: [], moved: [], rotated: [] };
