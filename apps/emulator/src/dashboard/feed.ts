import type { Clock, Contract } from "../contract.ts";
import type { EmulatorEvent } from "../events.ts";
import type { Faults } from "../faults.ts";
import type { Redactor } from "../redact.ts";
import type { PlatformState } from "../state.ts";
import { cardOf } from "./card.ts";
import type { CardMessage, FeedMessage, PlatformMessage } from "./messages.ts";
import { RequestStatsByWorkspace } from "./request-stats.ts";
import { Timeline } from "./timeline.ts";

/** A page that follows the feed. */
export interface Watcher {
  /** Whether what was sent before has gone out; while it has not, changes are gathered. */
  ready(): boolean;
  send(message: FeedMessage): void;
}

/** What the feed is made over. */
export interface FeedSources {
  readonly contract: Contract;
  readonly clock: Clock;
  readonly state: PlatformState;
  readonly faults: Faults;
  readonly redact: Redactor;
}

/** How often messages go out, at most. */
const EVERY_MS = 200;
/** Every so many turns all statuses are refreshed, and `now` is sent even if nothing happened. */
const SWEEP_EVERY = 5;
const MAX_CARDS = 2_000;
const MAX_EVENTS = 100;

/** One watcher, and what was not sent to it yet. */
interface Subscription {
  readonly watcher: Watcher;
  readonly stale: Set<string>;
  readonly gone: Set<string>;
  seq: number;
  reset: boolean;
}

/**
 * Sends watchers what changes, in batches. A heartbeat costs a few steps with and without watchers; the
 * cards are made when a batch goes out, and only for those who take it.
 */
export class Feed {
  readonly #sources: FeedSources;
  readonly #timeline = new Timeline();
  readonly #stats = new RequestStatsByWorkspace();
  readonly #subscriptions = new Set<Subscription>();
  #timer: NodeJS.Timeout | undefined;
  #turns = 0;

  constructor(sources: FeedSources) {
    this.#sources = sources;
  }

  /** Records an event. */
  record(event: EmulatorEvent): void {
    this.#timeline.record(event);
    if (event.type === "reset") {
      this.#stats.clear();
      for (const subscription of this.#subscriptions) this.#startOver(subscription);
    } else if (event.type === "evicted") this.#evicted(event.workspaceId);
    else if ("workspaceId" in event) this.changed(event.workspaceId);
  }

  /** How many watchers there are. */
  get watchers(): number {
    return this.#subscriptions.size;
  }

  /** Records an answer to a registry request, and how long it took from the arrival of the request. */
  answered(id: string, status: number, ms: number): void {
    if (!this.#sources.state.has(id)) return;
    const at = this.#sources.clock.now();
    const rejections = this.#stats.record(id, { at, status, ms: Math.round(ms * 10) / 10 });
    if (rejections > 0) this.#timeline.add(at, id, ["good", `recovered after ${rejections} × 401`]);
    this.changed(id);
  }

  /** Marks a card as changed. */
  changed(id: string): void {
    if (!this.#sources.state.has(id)) return;
    for (const { stale } of this.#subscriptions) stale.add(id);
  }

  /** Sends a watcher everything, and from then on what changes; returns the unsubscribe function. */
  watch(watcher: Watcher): () => void {
    const subscription: Subscription = { watcher, stale: new Set(), gone: new Set(), seq: 0, reset: true };
    this.#startOver(subscription);
    this.#subscriptions.add(subscription);
    this.#send(subscription, true);
    this.#timer ??= setInterval(() => this.#turn(), EVERY_MS).unref();
    return () => {
      this.#subscriptions.delete(subscription);
      if (this.#subscriptions.size > 0) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
    };
  }

  #startOver(subscription: Subscription): void {
    subscription.reset = true;
    subscription.stale.clear();
    subscription.gone.clear();
    for (const { id } of this.#sources.state.all()) subscription.stale.add(id);
  }

  #evicted(id: string): void {
    this.#stats.forget(id);
    for (const { stale, gone } of this.#subscriptions) {
      stale.delete(id);
      gone.add(id);
    }
  }

  #turn(): void {
    this.#turns += 1;
    const sweep = this.#turns % SWEEP_EVERY === 0;
    // A status that time changed is noticed when it is read, and then emitted.
    if (sweep) this.#sources.state.all();
    for (const subscription of this.#subscriptions) this.#send(subscription, sweep);
  }

  #send(subscription: Subscription, always: boolean): void {
    const isNews =
      subscription.reset ||
      subscription.stale.size > 0 ||
      subscription.gone.size > 0 ||
      subscription.seq < this.#timeline.seq;
    if (!(always || isNews) || !subscription.watcher.ready()) return;
    const { reset, seq, stale } = subscription;
    const gone = [...subscription.gone];
    subscription.gone.clear();
    // Before the events: reading a workspace may change its status, which emits one.
    const cards = this.#cards(stale);
    subscription.reset = false;
    subscription.seq = this.#timeline.seq;
    const news = this.#timeline.after(seq, MAX_EVENTS);
    const now = this.#sources.clock.now();
    subscription.watcher.send({ now, reset, platform: this.#platform(), gone, cards, ...news });
  }

  #cards(stale: Set<string>): CardMessage[] {
    const { state, redact } = this.#sources;
    const cards: CardMessage[] = [];
    for (const id of stale) {
      if (cards.length >= MAX_CARDS) break;
      stale.delete(id);
      const workspace = state.get(id);
      if (!workspace) continue;
      cards.push(cardOf({ workspace, live: state.tokens.live(id), stats: this.#stats.get(id) }, redact));
    }
    return cards;
  }

  #platform(): PlatformMessage {
    const { contract, faults, state } = this.#sources;
    const { current, latencyMs } = faults;
    return {
      contract: contract.version,
      outage: current && { kind: current.kind, status: current.kind === "status" ? current.status : null },
      latencyMs,
      workspaces: state.size,
    };
  }
}
