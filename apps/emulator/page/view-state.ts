import { parseUuid } from "../src/uuid.ts";
import type { Kind } from "./model.ts";
import { type Column, columns, DEFAULT_SORT, type Sort } from "./table/columns.ts";

/** The page's view: all of it is in the URL, so that it can be shared, and the back button works. */
export interface ViewState {
  readonly kind: Kind | null;
  readonly search: string;
  readonly sort: Sort;
  /** The workspace in the details. */
  readonly workspace: string | null;
  /** The workspace in the timeline; null for all. */
  readonly events: string | null;
  readonly errorsOnly: boolean;
}

/** In this order; the first ones are always shown, the others if there are any. */
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

/** Parses a URL's query. Unknown values are ignored. */
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

/** The URL's query; empty for the initial view. */
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
