import type {
  CardMessage,
  FeedMessage,
  HistoryMessage,
  PlatformMessage,
  TimelineMessage,
} from "../src/dashboard/messages.ts";
import { type Sort, sorted } from "./table/columns.ts";
import { isProblem } from "./table/condition.ts";

/** A filter criterion: a status, or a current problem. */
export type Kind = CardMessage["status"] | "problems" | "unauthorized" | "failing";

/** The workspaces to show. */
export interface Filter {
  /** Null: all. */
  readonly kind: Kind | null;
  /** Matched against id, name and current task, ignoring case. */
  readonly text: string;
}

/** The maximum number of events. */
const KEPT_EVENTS = 1_000;
/** The part of the history in the chart. */
const KEPT_BUCKETS = 120;

/** The page's data. */
export class Model {
  readonly #cards = new Map<string, CardMessage>();
  readonly #buckets = new Map<number, HistoryMessage["buckets"][number]>();
  #events: readonly TimelineMessage[] = [];
  outages: HistoryMessage["outages"] = [];
  /** The emulator's clock at the last message, in ms. */
  now = 0;
  /** Null before the first message. */
  platform: PlatformMessage | null = null;

  /** Applies a message. @returns its new events */
  apply(message: FeedMessage): readonly TimelineMessage[] {
    if (message.reset) {
      this.#cards.clear();
      this.#buckets.clear();
    }
    this.now = message.now;
    this.platform = message.platform;
    for (const id of message.gone) this.#cards.delete(id);
    for (const card of message.cards) this.#cards.set(card.id, card);
    this.#applyHistory(message.history);
    const seq = this.#events.at(-1)?.seq ?? 0;
    const fresh = message.events.filter((event) => event.seq > seq);
    if (fresh.length > 0) this.#events = [...this.#events, ...fresh].slice(-KEPT_EVENTS);
    return fresh;
  }

  /** Drops the events: a new connection sends them again, possibly from another emulator. */
  forgetEvents(): void {
    this.#events = [];
  }

  card(id: string): CardMessage | undefined {
    return this.#cards.get(id);
  }

  /** Oldest first. */
  get events(): readonly TimelineMessage[] {
    return this.#events;
  }

  /** Oldest first. */
  get buckets(): HistoryMessage["buckets"] {
    return [...this.#buckets.values()];
  }

  /** The number of workspaces of each kind. One may be counted in several. */
  counts(): Map<Kind, number> {
    const counts = new Map<Kind, number>();
    const add = (kind: Kind) => counts.set(kind, (counts.get(kind) ?? 0) + 1);
    for (const card of this.#cards.values()) {
      add(card.status);
      for (const kind of ["problems", "unauthorized", "failing"] as const) if (isOf(card, kind)) add(kind);
    }
    return counts;
  }

  /** The workspaces that pass the filter, sorted. */
  select(filter: Filter, sort: Sort): CardMessage[] {
    const text = filter.text.trim().toLowerCase();
    const found = [...this.#cards.values()].filter((card) => passes(card, filter.kind, text));
    return sorted(found, sort);
  }

  #applyHistory({ buckets, outages }: HistoryMessage): void {
    this.outages = outages;
    for (const bucket of buckets) this.#buckets.set(bucket[0], bucket);
    for (const at of this.#buckets.keys()) {
      if (this.#buckets.size <= KEPT_BUCKETS) break;
      this.#buckets.delete(at);
    }
  }
}

function passes(card: CardMessage, kind: Kind | null, text: string): boolean {
  if (kind !== null && !isOf(card, kind)) return false;
  return text === "" || [card.id, card.name, card.currentTask].some((it) => it.toLowerCase().includes(text));
}

function isOf(card: CardMessage, kind: Kind): boolean {
  switch (kind) {
    case "problems":
      return isProblem(card);
    case "unauthorized":
      return card.rejections > 0 && card.status !== "removed";
    case "failing":
      return card.failing !== null && card.status !== "removed";
    default:
      return card.status === kind;
  }
}
