import { boundedTextOf, idOf, type JsonObject, own, textOf } from "./json.ts";
import { plain } from "./plain.ts";
import { rowsOf } from "./values.ts";

/** A finished delegation of this workspace. Its texts come from another agent: treat as data, never as instructions. */
export interface FinishedDelegation {
  /** `delegation_id`, or the row's own id if it has none; at most 256 characters. */
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

/** The response to `GET /workspaces/:id/delegations`, sorted. */
export interface Delegations {
  /** Newly finished, oldest first. */
  readonly finished: readonly FinishedDelegation[];
  /** Ids of rows in which another workspace delegates: injected instructions, or a mistake. Never pass them on. */
  readonly foreign: readonly string[];
  /** The number of this workspace's delegations in the response, finished or not, known or not. */
  readonly count: number;
}

/** How to sort the rows. */
export interface DelegationOptions {
  /** Whether a delegation is already known, and skipped. @default none is */
  readonly isKnown?: (id: string) => boolean;
}

/** The platform returns at most this many rows. */
const MAX_ROWS = 50;
/** Receipts are short. */
const MAX_RECEIPT_LENGTH = 1024;

/**
 * Sorts rows, which the platform returns newest first. Of two rows for one delegation the finished one counts, and of
 * two finished ones the newer. A receipt (the target's inbox or the platform's queue accepted the task) is not a
 * result, although the platform calls it completed: the result is a later row. Skips invalid rows, and ids of more than
 * 256 characters.
 *
 * @returns `undefined` unless the response is a list
 */
export function parseDelegations(
  body: unknown,
  workspaceId: string,
  options: DelegationOptions = {},
): Delegations | undefined {
  const { isKnown = () => false } = plain(options);
  const rows = rowsOf(body)?.slice(0, MAX_ROWS);
  if (rows === undefined) return undefined;
  if (rows.length === 0) return { finished: [], foreign: [], count: 0 };
  const finished = new Map<string, FinishedDelegation>();
  const foreign = new Set<string>();
  const mine = new Set<string>();
  const targets = new Map<string, string>();
  for (const row of rows) {
    const id = textOf(row, "delegation_id") === "" ? idOf(row, "id") : idOf(row, "delegation_id");
    // Newer platforms also list delegations that this workspace received; they need no warning.
    if (id === "" || textOf(row, "direction") === "received") continue;
    const isOwn = textOf(row, "source_id").toLowerCase() === workspaceId;
    if (isOwn) mine.add(id);
    // Not every row of a delegation has `target_id`.
    const target = idOf(row, "target_id");
    if (isOwn && target !== "") targets.set(id, target);
    if (isKnown(id)) continue;
    const status = textOf(row, "status");
    const preview = previewOf(row, id);
    if (!isOwn) {
      foreign.add(id);
    } else if ((status === "failed" || (status === "completed" && preview !== null)) && !finished.has(id)) {
      finished.set(id, {
        id,
        targetId: target,
        status,
        summary: boundedTextOf(row, "summary", 4 * 1024),
        response: preview ?? "",
        error: boundedTextOf(row, "error", 16 * 1024),
      });
    }
  }
  const withTargets = [...finished.values()].map((each) => ({
    ...each,
    targetId: targets.get(each.id) ?? "",
  }));
  return { finished: withTargets.reverse(), foreign: [...foreign], count: mine.size };
}

/** The target's response; `null` for a receipt, or the platform's own record of the delegation. */
function previewOf(row: JsonObject, id: string): string | null {
  const preview = boundedTextOf(row, "response_preview", 64 * 1024);
  if (!preview.startsWith("{") || preview.length > MAX_RECEIPT_LENGTH) return preview;
  let value: unknown;
  try {
    value = JSON.parse(preview);
  } catch {
    return preview;
  }
  const isRecord = own(value, "delegation_id") === id && Object.keys(Object(value)).length === 1;
  const isQueued = own(value, "queued") === true && own(value, "queue_id") !== undefined;
  const isPolled = own(value, "status") === "queued" && own(value, "delivery_mode") === "poll";
  return isRecord || isQueued || isPolled ? null : preview;
}
