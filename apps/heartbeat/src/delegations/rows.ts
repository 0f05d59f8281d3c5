/** A delegation that came to its end, as it is told to the workspace. */
export interface FinishedDelegation {
  /** `delegation_id`, or the row's own id on a row without one. */
  readonly id: string;
  readonly targetId: string;
  readonly status: string;
  readonly summary: string;
  readonly response: string;
  readonly error: string;
}

/** What is to be made of an answer to `GET /workspaces/:id/delegations`. */
export interface Sorted {
  /** Finished and not seen before, oldest first. */
  readonly fresh: readonly FinishedDelegation[];
  /** Ids of rows that say another workspace delegated: instructions smuggled in, or a mistake; never passed on. */
  readonly foreign: readonly string[];
}

/** How many rows an answer of the platform has, at most; more of them are nobody's. */
const MAX_ROWS = 50;
const FINISHED = new Set(["completed", "failed"]);

/**
 * Sorts rows, newest first as the platform gives them. Of two rows for one delegation the finished one counts, and of
 * two finished ones the newer. What is no row is passed over.
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
