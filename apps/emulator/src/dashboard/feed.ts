import type { Clock } from "../contract.ts";
import type { EmulatorEvent } from "../events.ts";
import type { Fault } from "../faults.ts";
import type { RecordedRequest } from "../recorded-request.ts";
import type { Redactor } from "../redact.ts";
import { canonicalId } from "../uuid.ts";
import { cardOf } from "./card.ts";
import { Journal } from "./journal.ts";
import type { CardMessage, FeedMessage } from "./messages.ts";
import { type PlatformSources, platformOf } from "./platform.ts";
import type { LoggedRequest } from "./request-log.ts";
import { KEPT_LINES } from "./timeline.ts";

/** A page connected to the feed. */
export interface Watcher {
  /** Whether earlier messages have been flushed; otherwise changes are batched. */
  ready(): boolean;
  send(message: FeedMessage): void;
}

/** The dependencies of the feed. */
export interface FeedSources extends PlatformSources {
  readonly clock: Clock;
  readonly redact: Redactor;
}

/** The minimum interval between messages. */
const EVERY_MS = 200;
/** Every n-th turn refreshes all statuses, and sends `now` even without events. */
const SWEEP_EVERY = 5;
const MAX_CARDS = 2_000;

/** A watcher, and the changes not sent to it yet. */
interface Subscription {
  readonly watcher: Watcher;
  readonly stale: Set<string>;
  readonly gone: Set<string>;
  seq: number;
  /** When the history was last sent. */
  historyAt: number | null;
  reset: boolean;
}

/**
 * Sends changes to the watchers, in batches. A heartbeat costs a few steps, with or without watchers; cards are built
 * only when a batch is sent, and only for its recipients.
 */
export class Feed {
  readonly #sources: FeedSources;
  readonly #journal: Journal;
  readonly #subscriptions = new Set<Subscription>();
  #timer: NodeJS.Timeout | undefined;
  #turns = 0;

  constructor(sources: FeedSources) {
    this.#sources = sources;
    this.#journal = new Journal(sources);
  }

  /** Records an event. */
  record(event: EmulatorEvent): void {
    this.#journal.event(event);
    if (event.type === "reset") {
      for (const subscription of this.#subscriptions) this.#startOver(subscription);
    } else if (event.type === "evicted") this.#evicted(event.workspaceId);
    else if ("workspaceId" in event) this.changed(event.workspaceId);
  }

  /** Shows a request that an outage leaves unanswered. */
  hanging(request: RecordedRequest): void {
    this.#journal.hanging(request);
    if (request.workspaceId !== null) this.changed(canonicalId(request.workspaceId));
  }

  /** Records a request's outcome, and the fault that hit it, if any. */
  ended(request: RecordedRequest, fault: Fault["kind"] | null = null): void {
    this.#journal.ended(request, fault);
    if (request.workspaceId !== null) this.changed(canonicalId(request.workspaceId));
  }

  /** The last requests of a workspace, oldest first. */
  requestsOf(id: string): LoggedRequest[] {
    return this.#journal.requests.of(id);
  }

  /** The number of watchers. */
  get watchers(): number {
    return this.#subscriptions.size;
  }

  /** Marks a card as changed. */
  changed(id: string): void {
    if (!this.#sources.state.has(id)) return;
    for (const { stale } of this.#subscriptions) stale.add(id);
  }

  /** Sends a watcher the full state, and changes from then on. @returns the unsubscribe function */
  watch(watcher: Watcher): () => void {
    const subscription: Subscription = {
      watcher,
      stale: new Set(),
      gone: new Set(),
      seq: 0,
      historyAt: null,
      reset: true,
    };
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
    subscription.historyAt = null;
    subscription.stale.clear();
    subscription.gone.clear();
    for (const { id } of this.#sources.state.all()) subscription.stale.add(id);
  }

  #evicted(id: string): void {
    for (const { stale, gone } of this.#subscriptions) {
      stale.delete(id);
      gone.add(id);
    }
  }

  #turn(): void {
    this.#turns += 1;
    const sweep = this.#turns % SWEEP_EVERY === 0;
    // Time-dependent status changes are detected, and emitted, when the workspace is read.
    if (sweep) this.#sources.state.all();
    for (const subscription of this.#subscriptions) this.#send(subscription, sweep);
  }

  #send(subscription: Subscription, always: boolean): void {
    const isNews =
      subscription.reset ||
      subscription.stale.size > 0 ||
      subscription.gone.size > 0 ||
      subscription.seq < this.#journal.timeline.seq;
    if (!(always || isNews) || !subscription.watcher.ready()) return;
    const { reset, seq, stale, historyAt } = subscription;
    const gone = [...subscription.gone];
    subscription.gone.clear();
    // Before the events: reading a workspace may change its status, which emits one.
    const cards = this.#cards(stale);
    subscription.reset = false;
    const { timeline, history } = this.#journal;
    const news = timeline.after(seq, KEPT_LINES);
    const now = this.#sources.clock.now();
    subscription.seq = timeline.seq;
    subscription.historyAt = now;
    subscription.watcher.send({
      now,
      reset,
      platform: platformOf(this.#sources),
      gone,
      cards,
      history: history.since(historyAt),
      ...news,
    });
  }

  #cards(stale: Set<string>): CardMessage[] {
    const { state, redact } = this.#sources;
    const cards: CardMessage[] = [];
    for (const id of stale) {
      if (cards.length >= MAX_CARDS) break;
      stale.delete(id);
      const workspace = state.get(id);
      if (!workspace) continue;
      cards.push(
        cardOf({ workspace, live: state.tokens.live(id), stats: this.#journal.stats.get(id) }, redact),
      );
    }
    return cards;
  }
}
