import type { CardMessage } from "../../src/dashboard/messages.ts";
import type { Filter, Model } from "../model.ts";
import type { Sort } from "./columns.ts";

/** How long rows keep their positions: reordering five times a second would be impossible to follow. */
const EVERY_MS = 1_000;

/** The workspaces in the table, and their order. */
export class Order {
  readonly #model: Model;
  #ids: readonly string[] = [];
  #at = Number.NEGATIVE_INFINITY;

  constructor(model: Model) {
    this.#model = model;
  }

  /** The previous order, for a second; without removed workspaces. */
  current(filter: Filter, sort: Sort): CardMessage[] {
    if (performance.now() - this.#at > EVERY_MS) return this.fresh(filter, sort);
    return this.#ids.flatMap((id) => this.#model.card(id) ?? []);
  }

  /** The current order, for another filter or sort. */
  fresh(filter: Filter, sort: Sort): CardMessage[] {
    const cards = this.#model.select(filter, sort);
    this.#ids = cards.map(({ id }) => id);
    this.#at = performance.now();
    return cards;
  }
}
