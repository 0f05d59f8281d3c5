import { AuthError } from "@x/auth-core";
import type { ClaimedShard, LeaseStore, Ownerships } from "../../src/cluster/lease-store.ts";
import type { Runner } from "../../src/cluster/membership.ts";
import type { Machine, World } from "./machines.ts";

/** The network conditions of one request. */
export interface Way {
  readonly thereMs: number;
  readonly backMs: number;
  /** Whether the request, or only its answer, is lost. */
  readonly lost: "no" | "request" | "answer";
}

const rowHeld = () =>
  Object.assign(new AuthError("STORAGE_WRITE_FAILED", "Another session holds the row."), {
    sqlState: "55P03",
  });

const TIMEOUT_MS = 2_000;
const HANDED_OVER_MS = 10_000;

/** The rows of a database, with one connection for each machine. */
export class LeaseServer {
  isDown = false;
  readonly rows = new Map<string, Runner>();
  /** Ids of rows that another session has locked. */
  readonly held = new Set<string | null>();
  readonly owners: (string | null)[] = Array.from({ length: 256 }, () => null);
  readonly #releasedAt = new Map<number, number>();
  readonly #world: World;
  readonly #watchers = new Map<Machine, Set<() => void>>();
  moves = 0;

  constructor(world: World) {
    this.#world = world;
  }

  /** @param way drawn for each request */
  connect(machine: Machine, way: () => Way): LeaseStore {
    const ask = <T>(work: () => T): Promise<T> => this.#ask(machine, way(), work);
    const watchers = new Set<() => void>();
    this.#watchers.set(machine, watchers);
    return {
      join: (runner) =>
        ask(() => {
          this.rows.set(runner.id, { ...runner, renewals: 0 });
          this.#notify();
        }),
      renew: (id, listDigest) =>
        ask(() => {
          const row = this.rows.get(id);
          if (row === undefined) return false;
          if (this.held.has(id)) throw rowHeld();
          this.rows.set(id, { ...row, renewals: row.renewals + 1, listDigest });
          return true;
        }),
      list: () => ask((): Ownerships => ({ runners: [...this.rows.values()], owners: [...this.owners] })),
      evict: ({ id, renewals }) =>
        ask(() => {
          if (this.rows.get(id)?.renewals !== renewals) return false;
          this.#free(id);
          if (this.held.has(id)) throw rowHeld();
          this.#remove(id);
          return true;
        }),
      claim: (id, count) => ask(() => this.#claim(id, count)),
      release: (id, shards, alive) =>
        ask(() => {
          for (const shard of shards.filter((each) => this.owners[each] === id)) {
            this.owners[shard] = null;
            if (alive.includes(shard)) this.#releasedAt.set(shard, this.#world.now);
          }
          this.#notify();
        }),
      leave: (id) =>
        ask(() => {
          if (this.held.has(id)) throw rowHeld();
          this.#remove(id);
        }),
      watch(changed) {
        watchers.add(changed);
        return () => void watchers.delete(changed);
      },
      close: async () => {},
    };
  }

  #remove(id: string): void {
    this.rows.delete(id);
    this.#free(id);
    this.#notify();
  }

  #free(id: string): void {
    for (const [shard, owner] of this.owners.entries()) if (owner === id) this.owners[shard] = null;
  }

  #claim(id: string, count: number): ClaimedShard[] {
    if (!this.rows.has(id)) return [];
    if (this.held.has(id)) throw rowHeld();
    const free = this.owners.flatMap((owner, shard) => (owner === null ? [shard] : [])).slice(0, count);
    for (const shard of free) this.owners[shard] = id;
    this.moves += free.length;
    return free.map((shard) => {
      const releasedAt = this.#releasedAt.get(shard) ?? Number.NEGATIVE_INFINITY;
      this.#releasedAt.delete(shard);
      return { shard, isHandedOver: this.#world.now - releasedAt < HANDED_OVER_MS };
    });
  }

  #notify(): void {
    for (const [machine, watchers] of this.#watchers) {
      machine.later(1, () => {
        for (const changed of watchers) changed();
      });
    }
  }

  #ask<T>(machine: Machine, { thereMs, backMs, lost }: Way, work: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      const cancel = machine.later(TIMEOUT_MS, () =>
        reject(new AuthError("STORAGE_READ_FAILED", "The store did not answer in time.")),
      );
      if (lost === "request") return;
      this.#world.at(this.#world.now + thereMs, () => {
        if (this.isDown) return;
        const answer = settled(work);
        // Nobody waits for a lost one.
        answer.catch(() => {});
        if (lost === "answer") return;
        machine.later(backMs, () => {
          cancel();
          answer.then(resolve, reject);
        });
      });
    });
  }
}

async function settled<T>(work: () => T): Promise<T> {
  return work();
}
