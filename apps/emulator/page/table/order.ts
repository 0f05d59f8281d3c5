import type { CardMessage } from "../../src/dashboard/messages.ts";
import type { Filter, Model } from "../model.ts";
import type { Sort } from "./columns.ts";

/** So long rows stay where they are, whatever changes in them: five times a second is too often to follow. */
const EVERY_MS = 1_000;

/** Which workspaces the table shows, and in which order. */
export class Order {
  readonly #model: Model;
  #ids: readonly string[] = [];
  #at = Number.NEGATIVE_INFINITY;

  constructor(model: Model) {
    this.#model = model;
  }

  /** As at the last time, for a second; those that went are left out. */
  current(filter: Filter, sort: Sort): CardMessage[] {
    if (performance.now() - this.#at > EVERY_MS) return this.fresh(filter, sort);
    return this.#ids.flatMap((id) => this.#model.card(id) ?? []);
  }

  /** As it is now: for another filter or sort. */
  fresh(filter: Filter, sort: Sort): CardMessage[] {
    const cards = this.#model.select(filter, sort);
    this.#ids = cards.map(({ id }) => id);
    this.#at = performance.now();
    return cards;
  }
}
