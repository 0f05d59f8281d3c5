import { randomUUID } from "node:crypto";

/** One row of `GET /workspaces/:id/delegations`. */
export interface DelegationRow {
  id: string;
  type: string;
  source_id: string;
  target_id: string;
  summary: string;
  status: string;
  /** ISO 8601. */
  created_at: string;
  /** Missing on some rows of the real platform; two rows may share one. */
  delegation_id?: string;
  error?: string;
  response_preview?: string;
}

/** How many rows one answer holds at most. */
const PAGE = 50;
/** How many rows are kept for each workspace. */
const KEPT = 1_000;

/** The delegation rows of every workspace. */
export class DelegationLog {
  readonly #rows = new Map<string, DelegationRow[]>();

  /** Adds a row; what it leaves out is filled with plausible values. */
  add(workspaceId: string, row: Partial<DelegationRow>, now: number): void {
    const rows = this.#rows.get(workspaceId) ?? [];
    rows.push({
      id: randomUUID(),
      type: "delegation",
      source_id: workspaceId,
      target_id: "",
      summary: "",
      status: "completed",
      created_at: new Date(now).toISOString(),
      ...row,
    });
    this.#rows.set(workspaceId, rows.slice(-KEPT));
  }

  /** The newest rows, newest first; of rows made at the same time the one added later. */
  newest(workspaceId: string): DelegationRow[] {
    const rows = [...(this.#rows.get(workspaceId) ?? [])].reverse();
    return rows.sort((a, b) => Date.parse(b.created_at) - Date.parse(a.created_at)).slice(0, PAGE);
  }

  /** Forgets the rows of one workspace. */
  forget(workspaceId: string): void {
    this.#rows.delete(workspaceId);
  }

  clear(): void {
    this.#rows.clear();
  }
}
