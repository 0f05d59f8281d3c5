/** The shards that this runner owns or is handing over. */
export class OwnShards {
  readonly #states = new Map<number, "held" | "draining" | "drained">();
  /** Departing shards whose workspaces the next owner can keep alive without registering. */
  readonly #alive = new Set<number>();

  all(): number[] {
    return [...this.#states.keys()];
  }

  has(shard: number): boolean {
    return this.#states.has(shard);
  }

  isHeld(shard: number): boolean {
    return this.#states.get(shard) === "held";
  }

  /** Shards that are being handed over. */
  leaving(): ReadonlySet<number> {
    return new Set(this.all().filter((shard) => !this.isHeld(shard)));
  }

  /** Departing shards with nothing in flight. */
  drained(): number[] {
    return this.all().filter((shard) => this.#states.get(shard) === "drained");
  }

  add(shards: Iterable<number>): void {
    for (const shard of shards) this.#states.set(shard, "held");
  }

  /** @param isAlive evaluated now; the next owner gets the result */
  drain(shards: Iterable<number>, isAlive: (shard: number) => boolean): void {
    for (const shard of shards) {
      this.#states.set(shard, "draining");
      if (isAlive(shard)) this.#alive.add(shard);
    }
  }

  alive(shards: readonly number[]): number[] {
    return shards.filter((shard) => this.#alive.has(shard));
  }

  /** Shards that were lost in the meantime, and perhaps claimed again, are left alone. */
  markDrained(shards: Iterable<number>): void {
    for (const shard of shards) {
      if (this.#states.get(shard) === "draining") this.#states.set(shard, "drained");
    }
  }

  remove(shards: Iterable<number>): void {
    for (const shard of shards) {
      this.#states.delete(shard);
      this.#alive.delete(shard);
    }
  }
}
