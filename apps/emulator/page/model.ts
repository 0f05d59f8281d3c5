import type { CardMessage, FeedMessage, PlatformMessage } from "../src/dashboard/messages.ts";

/** What a workspace can be filtered by: its status, or that its token is rejected at the moment. */
export type Kind = CardMessage["status"] | "unauthorized";

/** Which workspaces are to be shown. */
export interface Filter {
  /** Null: all. */
  readonly kind: Kind | null;
  /** Found in the id, the name or the current task, whatever the case. */
  readonly text: string;
}

/** What the page knows. */
export class Model {
  readonly #cards = new Map<string, CardMessage>();
  /** The emulator's clock at the last message, ms. */
  now = 0;
  /** Null before the first message. */
  platform: PlatformMessage | null = null;

  apply(message: FeedMessage): void {
    if (message.reset) this.#cards.clear();
    this.now = message.now;
    this.platform = message.platform;
    for (const id of message.gone) this.#cards.delete(id);
    for (const card of message.cards) this.#cards.set(card.id, card);
  }

  card(id: string): CardMessage | undefined {
    return this.#cards.get(id);
  }

  /** How many workspaces there are of each kind. One may be of two. */
  counts(): Map<Kind, number> {
    const counts = new Map<Kind, number>();
    const add = (kind: Kind) => counts.set(kind, (counts.get(kind) ?? 0) + 1);
    for (const card of this.#cards.values()) {
      add(card.status);
      if (card.rejections > 0) add("unauthorized");
    }
    return counts;
  }

  /**
   * The first workspaces that pass the filter, in the order they came, so that none ever changes its place;
   * and how many pass. `kept` passes in any case: it is in use.
   */
  select(filter: Filter, max: number, kept: string | null): { shown: CardMessage[]; matching: number } {
    const text = filter.text.trim().toLowerCase();
    const shown: CardMessage[] = [];
    let matching = 0;
    for (const card of this.#cards.values()) {
      if (card.id !== kept && !passes(card, filter.kind, text)) continue;
      matching += 1;
      if (shown.length < max) shown.push(card);
    }
    return { shown, matching };
  }
}

function passes(card: CardMessage, kind: Kind | null, text: string): boolean {
  if (kind === "unauthorized" ? card.rejections === 0 : kind !== null && card.status !== kind) return false;
  return text === "" || [card.id, card.name, card.currentTask].some((it) => it.toLowerCase().includes(text));
}
