import { parseUuid } from "../src/uuid.ts";
import type { Kind } from "./model.ts";
import { type Column, columns, DEFAULT_SORT, type Sort } from "./table/columns.ts";

/** What is shown: all of it is in the page's address, which can be shared and gone back through. */
export interface ViewState {
  readonly kind: Kind | null;
  readonly search: string;
  readonly sort: Sort;
  /** Whose details are open. */
  readonly workspace: string | null;
  /** Whose events the timeline has; null for all. */
  readonly events: string | null;
  readonly errorsOnly: boolean;
}

/** In this order; the first ones are always there, the others while there are any. */
export const kinds: readonly Kind[] = [
  "problems",
  "online",
  "degraded",
  "offline",
  "awaiting_agent",
  "unauthorized",
  "failing",
  "paused",
  "provisioning",
  "removed",
];

/** Reads the query of an address. What it does not know is left out. */
export function readState(query: string): ViewState {
  const params = new URLSearchParams(query);
  const status = params.get("status");
  return {
    kind: kinds.find((kind) => kind === status) ?? null,
    search: params.get("q") ?? "",
    sort: sortIn(params.get("sort") ?? ""),
    workspace: idIn(params, "workspace"),
    events: idIn(params, "events"),
    errorsOnly: params.get("errors") === "only",
  };
}

/** The query of an address; empty where everything is as it is at first. */
export function queryOf({ kind, search, sort, workspace, events, errorsOnly }: ViewState): string {
  const params = new URLSearchParams();
  if (kind !== null) params.set("status", kind);
  if (search !== "") params.set("q", search);
  const { column, direction } = sort;
  if (column !== DEFAULT_SORT.column || direction !== DEFAULT_SORT.direction) {
    params.set("sort", direction === "ascending" ? column : `-${column}`);
  }
  if (workspace !== null) params.set("workspace", workspace);
  if (events !== null) params.set("events", events);
  if (errorsOnly) params.set("errors", "only");
  const query = params.toString();
  return query === "" ? "" : `?${query}`;
}

function sortIn(text: string): Sort {
  const name = text.replace(/^-/, "");
  const column = columns.find((each): each is Column => each === name);
  if (column === undefined) return DEFAULT_SORT;
  return { column, direction: text.startsWith("-") ? "descending" : "ascending" };
}

const idIn = (params: URLSearchParams, name: string) => parseUuid(params.get(name) ?? "");
