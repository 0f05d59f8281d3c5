import type { Clock, Contract } from "../contract.ts";
import type { EmulatorEvent } from "../events.ts";
import type { Faults } from "../faults.ts";
import type { Redactor } from "../redact.ts";
import type { PlatformState } from "../state.ts";
import { cardOf } from "./card.ts";
import type { CardMessage, FeedMessage, PlatformMessage } from "./messages.ts";
import { Timeline } from "./timeline.ts";
import { VitalsBook } from "./vitals.ts";

/** Someone who looks at the dashboard. */
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
  readonly tokenFiles: ReadonlyMap<string, string>;
}

/** How often watchers are told, at most. */
const EVERY_MS = 200;
/** Every so many turns all workspaces are looked at, and `now` is sent even if nothing happened. */
const SWEEP_EVERY = 5;
const MAX_CARDS = 2_000;
const MAX_EVENTS = 100;

/** One watcher, and what it has not been told yet. */
interface Seat {
  readonly watcher: Watcher;
  readonly stale: Set<string>;
  seq: number;
  reset: boolean;
}

/**
 * Tells watchers what changes, in batches. A beat costs a few steps whether or not somebody watches; the
 * cards are made when a batch goes out, and only for those who take it.
 */
export class Feed {
  readonly #sources: FeedSources;
  readonly #timeline = new Timeline();
  readonly #vitals = new VitalsBook();
  readonly #seats = new Set<Seat>();
  #timer: NodeJS.Timeout | undefined;
  #turns = 0;

  constructor(sources: FeedSources) {
    this.#sources = sources;
  }

  /** Takes down an event. */
  heard(event: EmulatorEvent): void {
    this.#timeline.heard(event);
    if (event.type === "reset") {
      this.#vitals.clear();
      for (const seat of this.#seats) this.#startOver(seat);
    } else if ("workspaceId" in event) this.changed(event.workspaceId);
  }

  /** Takes down an answer to a registry request, and how long it took from the arrival of the request. */
  answered(id: string, status: number, ms: number): void {
    if (!this.#sources.state.has(id)) return;
    const at = this.#sources.clock.now();
    const refusals = this.#vitals.answered(id, { at, status, ms: Math.round(ms * 10) / 10 });
    if (refusals > 0) this.#timeline.add(at, id, ["good", `recovered after ${refusals} × 401`]);
    this.changed(id);
  }

  /** Takes down that a card is to be made anew. */
  changed(id: string): void {
    if (!this.#sources.state.has(id)) return;
    for (const { stale } of this.#seats) stale.add(id);
  }

  /** Tells a watcher everything, and from then on what changes; gives the way to stop. */
  watch(watcher: Watcher): () => void {
    const seat: Seat = { watcher, stale: new Set(), seq: 0, reset: true };
    this.#startOver(seat);
    this.#seats.add(seat);
    this.#tell(seat, true);
    this.#timer ??= setInterval(() => this.#turn(), EVERY_MS).unref();
    return () => {
      this.#seats.delete(seat);
      if (this.#seats.size > 0) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
    };
  }

  #startOver(seat: Seat): void {
    seat.reset = true;
    seat.stale.clear();
    for (const { id } of this.#sources.state.all()) seat.stale.add(id);
  }

  #turn(): void {
    this.#turns += 1;
    const sweep = this.#turns % SWEEP_EVERY === 0;
    // A status that time changed is found by looking, and becomes an event.
    if (sweep) this.#sources.state.all();
    for (const seat of this.#seats) this.#tell(seat, sweep);
  }

  #tell(seat: Seat, always: boolean): void {
    const isNews = seat.reset || seat.stale.size > 0 || seat.seq < this.#timeline.seq;
    if (!(always || isNews) || !seat.watcher.ready()) return;
    const { reset, seq, stale } = seat;
    // Before the events: looking at a workspace may find that its status changed, which is one.
    const cards = this.#cards(stale);
    seat.reset = false;
    seat.seq = this.#timeline.seq;
    const news = this.#timeline.after(seq, MAX_EVENTS);
    const now = this.#sources.clock.now();
    seat.watcher.send({ now, reset, platform: this.#platform(), cards, ...news });
  }

  #cards(stale: Set<string>): CardMessage[] {
    const { state, redact, tokenFiles } = this.#sources;
    const cards: CardMessage[] = [];
    for (const id of stale) {
      if (cards.length >= MAX_CARDS) break;
      stale.delete(id);
      const workspace = state.get(id);
      if (!workspace) continue;
      const knowsFile = tokenFiles.has(id);
      cards.push(
        cardOf({ workspace, live: state.tokens.live(id), vitals: this.#vitals.get(id), knowsFile }, redact),
      );
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
