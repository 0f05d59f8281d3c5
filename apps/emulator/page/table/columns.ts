import type { CardMessage } from "../../src/dashboard/messages.ts";
import { conditionOf } from "./condition.ts";

/** The sortable columns. */
export const columns = ["status", "name", "id", "heartbeat", "latency", "failures", "token"] as const;
export type Column = (typeof columns)[number];

/** The table's sort order. */
export interface Sort {
  readonly column: Column;
  readonly direction: "ascending" | "descending";
}

/** Problems first. */
export const DEFAULT_SORT: Sort = { column: "status", direction: "ascending" };

/** A column's sort key; null comes last in either direction. */
const keys: Readonly<Record<Column, (card: CardMessage) => string | number | null>> = {
  status: (card) => conditionOf(card).rank,
  name: ({ name }) => name.toLowerCase(),
  id: ({ id }) => id,
  heartbeat: ({ lastHeartbeatAt }) => lastHeartbeatAt,
  latency: ({ latencyMs }) => latencyMs,
  failures: ({ failures }) => failures,
  token: ({ tokenPrefix }) => tokenPrefix,
};

/** The initial direction of a column: the values that people usually look for come first. */
const firsts: Readonly<Record<Column, Sort["direction"]>> = {
  status: "ascending",
  name: "ascending",
  id: "ascending",
  heartbeat: "ascending",
  latency: "descending",
  failures: "descending",
  token: "ascending",
};

/** The sort order after a click on a column's header. */
export function toggled(before: Sort, column: Column): Sort {
  if (before.column !== column) return { column, direction: firsts[column] };
  return { column, direction: before.direction === "ascending" ? "descending" : "ascending" };
}

/** Sorts workspaces; the sort is stable. */
export function sorted(cards: readonly CardMessage[], { column, direction }: Sort): CardMessage[] {
  const keyOf = keys[column];
  const sign = direction === "ascending" ? 1 : -1;
  const keyed = cards.map((card) => ({ card, key: keyOf(card) }));
  keyed.sort((a, b) => {
    if (a.key === b.key) return 0;
    if (a.key === null) return 1;
    if (b.key === null) return -1;
    return a.key < b.key ? -sign : sign;
  });
  return keyed.map(({ card }) => card);
}
