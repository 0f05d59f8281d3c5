import type { ActivityRow } from "./activity.ts";
import { parseUuid } from "./uuid.ts";

/** The query parameters of `GET /workspaces/:id/activity`, as strings. */
export interface ActivityFilter {
  readonly type?: string;
  readonly source?: string;
  readonly peer_id?: string;
  readonly limit?: string;
  readonly since_secs?: string;
  readonly since_id?: string;
  readonly before_ts?: string;
}

/** The requested rows, or the error. */
export type Selected = { readonly rows: ActivityRow[] } | { readonly status: number; readonly error: string };

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 500;
/** 30 days; larger values are clamped. */
const MAX_SINCE_SECONDS = 2_592_000;
const INTEGER = /^[+-]?\d+$/;
const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;

/** Selects among a workspace's rows (oldest first): newest first, or with a cursor oldest first, strictly after it. */
export function selectActivity(rows: readonly ActivityRow[], filter: ActivityFilter, now: number): Selected {
  const { type, source, peer_id: peer = "", since_id: cursor = "", before_ts: before = "" } = filter;
  const peerId = parseUuid(peer);
  if (peer !== "" && peerId === null) return badRequest("peer_id must be a UUID");
  if (before !== "" && !RFC3339.test(before)) {
    return badRequest("before_ts must be an RFC3339 timestamp (e.g. 2026-05-01T00:00:00Z)");
  }
  const sinceSeconds = secondsIn(filter.since_secs ?? "");
  if (sinceSeconds === null) return badRequest("since_secs must be a positive integer");
  const start = positionAfter(rows, cursor);
  if (typeof start !== "number") return start;
  if (source && source !== "canvas" && source !== "agent") {
    return badRequest("source must be 'canvas' or 'agent'");
  }
  const oldest = now - Math.min(sinceSeconds, MAX_SINCE_SECONDS) * 1000;
  const found = rows
    .slice(start)
    .filter(
      (row) =>
        (!type || row.type === type) &&
        (source !== "canvas" || row.sourceId === null) &&
        (source !== "agent" || row.sourceId !== null) &&
        (peerId === null || row.sourceId === peerId || row.targetId === peerId) &&
        (before === "" || Date.parse(row.createdAt) < Date.parse(before)) &&
        (sinceSeconds === 0 || Date.parse(row.createdAt) >= oldest),
    );
  const limit = limitIn(filter.limit ?? "");
  return { rows: cursor === "" ? found.reverse().slice(0, limit) : found.slice(0, limit) };
}

const badRequest = (error: string) => ({ status: 400, error });

/** The index of the first row after a cursor. */
function positionAfter(
  rows: readonly ActivityRow[],
  cursor: string,
): number | Exclude<Selected, { rows: unknown }> {
  if (cursor === "") return 0;
  const id = parseUuid(cursor);
  if (id === null) return { status: 500, error: "cursor lookup failed" };
  const at = rows.findIndex((row) => row.id === id);
  if (at >= 0) return at + 1;
  return {
    status: 410,
    error:
      "since_id cursor not found (row may have been pruned or belongs to a different workspace); omit since_id to reset",
  };
}

/** 0 if omitted, null if not a positive integer. */
function secondsIn(text: string): number | null {
  if (text === "") return 0;
  const seconds = Number(text);
  return INTEGER.test(text) && Number.isSafeInteger(seconds) && seconds > 0 ? seconds : null;
}

/** Anything but a positive number selects the default. */
function limitIn(text: string): number {
  const limit = INTEGER.test(text) ? Number(text) : 0;
  return limit > 0 ? Math.min(limit, MAX_LIMIT) : DEFAULT_LIMIT;
}
