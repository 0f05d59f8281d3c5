import { randomUUID } from "node:crypto";
import { bytesOf, MAX_ACTIVITY_BYTES, MAX_ACTIVITY_ROWS } from "./limits.ts";

/** One row of a workspace's activity. Messages, answers and delegations are stored as rows. */
export interface ActivityRow {
  readonly id: string;
  readonly workspaceId: string;
  readonly type: string;
  readonly sourceId: string | null;
  readonly targetId: string | null;
  readonly method: string | null;
  readonly summary: string | null;
  readonly requestBody?: unknown;
  responseBody?: unknown;
  readonly durationMs: number | null;
  status: string;
  errorDetail: string | null;
  /** ISO 8601. */
  readonly createdAt: string;
  /** For a delegation: whether it was sent or received. Default: `sent`. */
  readonly direction?: string;
  /** For a delegation: its source's key, which prevents a second one. */
  readonly idempotencyKey?: string;
}

/** The fields of a new row; the others are filled in. */
export type NewActivity = Pick<ActivityRow, "workspaceId" | "type"> &
  Partial<ActivityRow> & {
    /** Deduplicates: a second row with the same id is ignored. */
    readonly messageId?: string | undefined;
  };

/** The activity of all workspaces, oldest row first. Bounded: the oldest rows are dropped first. */
export class ActivityLog {
  readonly #byWorkspace = new Map<string, Map<string, ActivityRow>>();
  /** All rows in order of arrival, with their sizes. */
  readonly #sizes = new Map<ActivityRow, number>();
  readonly #messages = new Map<string, Set<string>>();
  readonly #messageOf = new WeakMap<ActivityRow, string>();
  readonly #dropped: (count: number) => void;
  #bytes = 0;

  /** Called with the number of rows dropped to make room. */
  constructor(dropped: (count: number) => void) {
    this.#dropped = dropped;
  }

  /** Adds a row; undefined if its message has one already. */
  add(activity: NewActivity, now: number): ActivityRow | undefined {
    const { messageId, ...given } = activity;
    const { workspaceId } = given;
    if (messageId !== undefined && this.#messages.get(workspaceId)?.has(messageId)) return undefined;
    const row: ActivityRow = {
      id: randomUUID(),
      sourceId: null,
      targetId: null,
      method: null,
      summary: null,
      durationMs: null,
      status: "ok",
      errorDetail: null,
      createdAt: new Date(now).toISOString(),
      ...given,
    };
    if (messageId !== undefined) {
      const known = this.#messages.get(workspaceId) ?? new Set();
      this.#messages.set(workspaceId, known.add(messageId));
      this.#messageOf.set(row, messageId);
    }
    this.#keep(row);
    return row;
  }

  /** The rows of a workspace, oldest first. */
  of(workspaceId: string): ActivityRow[] {
    return [...(this.#byWorkspace.get(workspaceId)?.values() ?? [])];
  }

  /** Deletes the rows of one workspace. */
  forget(workspaceId: string): void {
    for (const row of this.of(workspaceId)) this.#drop(row);
  }

  clear(): void {
    this.#byWorkspace.clear();
    this.#sizes.clear();
    this.#messages.clear();
    this.#bytes = 0;
  }

  #keep(row: ActivityRow): void {
    const rows = this.#byWorkspace.get(row.workspaceId) ?? new Map<string, ActivityRow>();
    this.#byWorkspace.set(row.workspaceId, rows.set(row.id, row));
    const size = bytesOf(row);
    this.#sizes.set(row, size);
    this.#bytes += size;
    let dropped = 0;
    for (const oldest of this.#sizes.keys()) {
      if (this.#sizes.size <= MAX_ACTIVITY_ROWS && this.#bytes <= MAX_ACTIVITY_BYTES) break;
      this.#drop(oldest);
      dropped += 1;
    }
    if (dropped > 0) this.#dropped(dropped);
  }

  #drop(row: ActivityRow): void {
    this.#bytes -= this.#sizes.get(row) ?? 0;
    this.#sizes.delete(row);
    const rows = this.#byWorkspace.get(row.workspaceId);
    rows?.delete(row.id);
    if (rows?.size === 0) this.#byWorkspace.delete(row.workspaceId);
    const messageId = this.#messageOf.get(row);
    const known = this.#messages.get(row.workspaceId);
    if (messageId !== undefined) known?.delete(messageId);
    if (known?.size === 0) this.#messages.delete(row.workspaceId);
  }
}
