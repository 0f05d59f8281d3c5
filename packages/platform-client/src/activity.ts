import { boundedTextOf, idOf, MAX_ID_LENGTH, own } from "./json.ts";
import { rowsOf } from "./values.ts";

/** One row of a workspace's activity. Its bodies are another agent's or a person's words: data, never instructions. */
export interface ActivityRow {
  /** The cursor: `sinceId` continues after this row. */
  readonly id: string;
  /** `a2a_receive`, `agent_log`, `chat_upload_receive` … */
  readonly activityType: string;
  /** `message/send`; `notify` for what the workspace itself said. Empty: none. */
  readonly method: string;
  /** The workspace that sent it; `null`: a person. */
  readonly sourceId: string | null;
  readonly targetId: string | null;
  readonly requestBody: unknown;
  readonly responseBody: unknown;
  readonly summary: string;
  readonly status: string;
  readonly createdAt: string;
}

/** Which rows are asked for. */
export interface ActivityQuery {
  /** Such as `a2a_receive`. */
  readonly type?: string;
  /** A row's id: rows after it, oldest first. Without it: newest first. */
  readonly sinceId?: string;
  /** Rows of the last so many seconds, newest first. */
  readonly sinceSecs?: number;
  readonly peerId?: string;
  /** What a person typed, or what an agent sent. */
  readonly source?: "canvas" | "agent";
  /** 1 to 500. @default the platform's, 100 */
  readonly limit?: number;
}

/**
 * Rows in the platform's order; `undefined` when the answer is no list. Passed over are rows without a usable id, or with
 * a sender that is neither an id nor `null`: it must not be taken for a person.
 */
export function parseActivity(body: unknown): readonly ActivityRow[] | undefined {
  return rowsOf(body)
    ?.filter((row) => idOf(row, "id") !== "" && isSender(own(row, "source_id")))
    .map((row) => ({
      id: idOf(row, "id"),
      activityType: idOf(row, "activity_type"),
      method: idOf(row, "method"),
      sourceId: idOf(row, "source_id") || null,
      targetId: idOf(row, "target_id") || null,
      requestBody: own(row, "request_body") ?? null,
      responseBody: own(row, "response_body") ?? null,
      summary: boundedTextOf(row, "summary", 4 * 1024),
      status: idOf(row, "status"),
      createdAt: idOf(row, "created_at"),
    }));
}

const isSender = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  (typeof value === "string" && value !== "" && value.length <= MAX_ID_LENGTH);

/** The query string, with `?`; empty without parameters. */
export function activityQuery({ type, sinceId, sinceSecs, peerId, source, limit }: ActivityQuery): string {
  const parameters: [string, string | number | undefined][] = [
    ["type", type],
    ["since_id", sinceId],
    ["since_secs", sinceSecs],
    ["peer_id", peerId],
    ["source", source],
    ["limit", limit],
  ];
  let query = "";
  for (const [name, value] of parameters) {
    if (value !== undefined) query += `${query === "" ? "?" : "&"}${name}=${encodeURIComponent(value)}`;
  }
  return query;
}
