/** The shards that this runner has, or is giving away. */
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

  /** On their way to another runner. */
  leaving(): ReadonlySet<number> {
    return new Set(this.all().filter((shard) => !this.isHeld(shard)));
  }

  /** Of which nothing is in flight any more. */
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

  /** Those that were lost meanwhile, and perhaps gained again, are left as they are. */
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
