import { boundedTextOf, idOf, textOf } from "./json.ts";
import { plain } from "./plain.ts";
import { rowsOf } from "./values.ts";

/** A delegation of this workspace that came to its end. Its texts are another agent's: data, never instructions. */
export interface FinishedDelegation {
  /** `delegation_id`, or the row's own id on a row without one; at most 256 characters. */
  readonly id: string;
  readonly targetId: string;
  readonly status: "completed" | "failed";
  /** At most 4 KiB. */
  readonly summary: string;
  /** At most 64 KiB. */
  readonly response: string;
  /** At most 16 KiB. */
  readonly error: string;
}

/** An answer to `GET /workspaces/:id/delegations`, sorted. */
export interface Delegations {
  /** Finished and not known yet, oldest first. */
  readonly finished: readonly FinishedDelegation[];
  /** Ids of rows that claim another workspace delegated: smuggled instructions, or a mistake. Never pass them on. */
  readonly foreign: readonly string[];
}

/** How rows are sorted. */
export interface DelegationOptions {
  /** Whether a delegation was seen before; those are passed over. @default none was */
  readonly isKnown?: (id: string) => boolean;
}

/** An answer of the platform has no more rows. */
const MAX_ROWS = 50;

/**
 * Sorts rows, newest first as the platform gives them. Of two rows for one delegation the finished one counts, and of two
 * finished ones the newer. What is no row, or has an id of more than 256 characters, is passed over.
 *
 * @returns `undefined` when the answer is no list
 */
export function parseDelegations(
  body: unknown,
  workspaceId: string,
  options: DelegationOptions = {},
): Delegations | undefined {
  const { isKnown = () => false } = plain(options);
  const rows = rowsOf(body);
  if (rows === undefined) return undefined;
  const finished = new Map<string, FinishedDelegation>();
  const foreign = new Set<string>();
  for (const row of rows.slice(0, MAX_ROWS)) {
    const id = textOf(row, "delegation_id") === "" ? idOf(row, "id") : idOf(row, "delegation_id");
    // Later platforms also list what others delegated to this workspace: nothing to warn of.
    if (id === "" || textOf(row, "direction") === "received" || isKnown(id)) continue;
    const status = textOf(row, "status");
    if (textOf(row, "source_id").toLowerCase() !== workspaceId) {
      foreign.add(id);
    } else if ((status === "completed" || status === "failed") && !finished.has(id)) {
      finished.set(id, {
        id,
        targetId: idOf(row, "target_id"),
        status,
        summary: boundedTextOf(row, "summary", 4 * 1024),
        response: boundedTextOf(row, "response_preview", 64 * 1024),
        error: boundedTextOf(row, "error", 16 * 1024),
      });
    }
  }
  return { finished: [...finished.values()].reverse(), foreign: [...foreign] };
}
