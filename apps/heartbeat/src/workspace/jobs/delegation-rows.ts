import type { FinishedDelegation } from "../../storage/results-file.ts";

/** The rows of an answer to `GET /workspaces/:id/delegations`, sorted out. */
export interface Sorted {
  /** Finished and not seen before, oldest first. */
  readonly fresh: readonly FinishedDelegation[];
  /** Ids of rows that say another workspace delegated: instructions smuggled in, or a mistake; never passed on. */
  readonly foreign: readonly string[];
}

/** The platform never sends more rows in one answer; the rest is ignored. */
const MAX_ROWS = 50;
const FINISHED = new Set(["completed", "failed"]);

/**
 * Sorts rows, newest first as the platform gives them. Of two rows for one delegation the finished one counts, and of
 * two finished ones the newer. Anything that is not a row is skipped.
 */
export function sortRows(rows: unknown, workspaceId: string, isKnown: (id: string) => boolean): Sorted {
  const fresh = new Map<string, FinishedDelegation>();
  const foreign = new Set<string>();
  for (const row of Array.isArray(rows) ? rows.slice(0, MAX_ROWS) : []) {
    if (typeof row !== "object" || row === null) continue;
    const text = (name: string): string => {
      const value: unknown = Reflect.get(row, name);
      return typeof value === "string" ? value : "";
    };
    const id = text("delegation_id") || text("id");
    if (id === "" || isKnown(id)) continue;
    if (text("source_id") !== workspaceId) {
      foreign.add(id);
    } else if (FINISHED.has(text("status")) && !fresh.has(id)) {
      fresh.set(id, {
        id,
        targetId: text("target_id"),
        status: text("status"),
        summary: text("summary"),
        response: text("response_preview"),
        error: text("error"),
      });
    }
  }
  return { fresh: [...fresh.values()].reverse(), foreign: [...foreign] };
}
