import { randomBytes } from "node:crypto";
import { type Clock, type Moment, momentOf } from "../clock.ts";
import type { ClusterEvent } from "./cluster-events.ts";
import type { LeaseStore } from "./lease-store.ts";
import type { LeaseTiming } from "./lease-timing.ts";
import { type Membership, membershipOf, remainingMs } from "./membership.ts";

export interface OwnLeaseOptions {
  readonly store: Pick<LeaseStore, "join" | "renew">;
  readonly clock: Clock;
  readonly timing: LeaseTiming;
  /** Display name. */
  readonly name: string;
  /** Identifies this process. @default 9 random bytes */
  readonly runner?: string | undefined;
  readonly emit: (event: ClusterEvent) => void;
}

/** This runner's lease: its row, and how long it may rely on it. */
export class OwnLease {
  /**
   * Identifies this process. The row gets a new id each time it joins: an evicted runner never returns as the same one.
   */
  readonly runner: string;
  isLeaving = false;
  readonly #options: OwnLeaseOptions;
  #id: string | null = null;
  #joins = 0;
  /** When the last confirmed renewal was sent. */
  #renewedAt: Moment | null = null;
  /** When a later one, not confirmed yet, was sent. */
  #unconfirmed: Moment | null = null;
  #wasUnsure = false;

  constructor(options: OwnLeaseOptions) {
    this.#options = options;
    this.runner = options.runner ?? randomBytes(9).toString("base64url");
  }

  /** The id of the row; `null` while it has none. */
  get id(): string | null {
    return this.#id;
  }

  /** Joins or renews. Returns the id under which the lease is valid; `null` when this runner was evicted. */
  async renew(listDigest: string): Promise<string | null> {
    const { store, clock, name, emit } = this.#options;
    const sentAt = momentOf(clock);
    if (this.#id === null) {
      this.#joins += 1;
      const id = `${this.runner}-${this.#joins}`;
      await store.join({ id, name, listDigest });
      this.#id = id;
      this.#renewedAt = sentAt;
      emit({ type: "joined" });
      return id;
    }
    if (await store.renew(this.#id, listDigest)) {
      this.#unconfirmed = sentAt;
      if (this.remainingMs() > 0) this.confirm();
      return this.#id;
    }
    this.end();
    emit({ type: "evicted" });
    return null;
  }

  /**
   * The list of owners was read since the renewal. Once the lease has expired, a renewal alone proves nothing: an eviction
   * frees the shards although another session holds this runner's row, and then cannot remove it.
   */
  confirm(): void {
    if (this.#unconfirmed === null) return;
    this.#renewedAt = this.#unconfirmed;
    this.#unconfirmed = null;
    this.observe();
  }

  end(): void {
    this.#id = null;
    this.#unconfirmed = null;
    this.#renewedAt = null;
    this.#wasUnsure = false;
  }

  /** Remaining validity in milliseconds; 0 or less when the lease has expired. */
  remainingMs(): number {
    if (this.#id === null) return 0;
    return remainingMs(this.#renewedAt, momentOf(this.#options.clock), this.#options.timing);
  }

  membership(): Membership {
    const { isLeaving } = this;
    return membershipOf({ isMember: this.#id !== null, isLeaving, remainingMs: this.remainingMs() });
  }

  /** Emits when the lease expires and when it is valid again. */
  observe(): void {
    const isUnsure = this.membership() === "unsure";
    if (isUnsure !== this.#wasUnsure)
      this.#options.emit({ type: isUnsure ? "lease-expired" : "lease-renewed" });
    this.#wasUnsure = isUnsure;
  }
}
