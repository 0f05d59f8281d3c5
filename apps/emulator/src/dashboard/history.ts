import type { Clock } from "../contract.ts";
import type { HistoryMessage } from "./messages.ts";

/** The length of a bucket in ms, */
export const BUCKET_MS = 5_000;
/** and the number of buckets: ten minutes. */
export const KEPT_BUCKETS = 120;
const KEPT_OUTAGES = 50;

interface Bucket {
  heartbeats: number;
  failures: number;
}

/** Accepted heartbeats, failed requests and outages of the last ten minutes. */
export class History {
  /** By number: ms on the emulator's clock, divided by the bucket length. Oldest first. */
  readonly #buckets = new Map<number, Bucket>();
  readonly #outages: { from: number; to: number | null }[] = [];
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  heartbeat(): void {
    this.#bucket().heartbeats += 1;
  }

  failure(): void {
    this.#bucket().failures += 1;
  }

  outage(isOn: boolean): void {
    const now = this.#clock.now();
    const last = this.#outages.at(-1);
    if (last?.to === null) last.to = now;
    if (isOn) this.#outages.push({ from: now, to: null });
    if (this.#outages.length > KEPT_OUTAGES) this.#outages.shift();
  }

  clear(): void {
    this.#buckets.clear();
  }

  /** The buckets that may have changed since a time; all for null. */
  since(at: number | null): HistoryMessage {
    const first = at === null ? Number.NEGATIVE_INFINITY : numberOf(at);
    const oldest = this.#clock.now() - KEPT_BUCKETS * BUCKET_MS;
    const changed = [...this.#buckets].filter(([number]) => number >= first && number >= numberOf(oldest));
    return {
      buckets: changed.map(([number, { heartbeats, failures }]) => [
        number * BUCKET_MS,
        heartbeats,
        failures,
      ]),
      outages: this.#outages
        .filter(({ to }) => to === null || to >= oldest)
        .map(({ from, to }) => [from, to]),
    };
  }

  #bucket(): Bucket {
    const number = numberOf(this.#clock.now());
    const known = this.#buckets.get(number);
    if (known) return known;
    const bucket = { heartbeats: 0, failures: 0 };
    this.#buckets.set(number, bucket);
    const [oldest] = this.#buckets.keys();
    if (oldest !== undefined && this.#buckets.size > KEPT_BUCKETS) this.#buckets.delete(oldest);
    return bucket;
  }
}

const numberOf = (at: number) => Math.floor(at / BUCKET_MS);
