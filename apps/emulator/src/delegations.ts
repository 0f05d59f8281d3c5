import type { ActivityRow, NewActivity } from "./activity.ts";

/** One row of `GET /workspaces/:id/delegations`. */
export interface DelegationRow {
  id: string;
  type: string;
  /** `sent` by this workspace, or `received`. */
  direction: string;
  source_id: string;
  target_id: string;
  summary: string;
  status: string;
  /** ISO 8601. */
  created_at: string;
  /** Missing on some rows of the real platform; two rows may have the same one. */
  delegation_id?: string;
  error?: string;
  response_preview?: string;
}

/** The maximum number of rows in an answer. */
const PAGE = 50;
/** The methods of delegation rows: the task, and its result. */
const METHODS = new Set<string | null>(["delegate", "delegate_result"]);
/** In bytes. */
const MAX_PREVIEW = 300;
const ELLIPSIS_BYTES = 3;

/** The delegations among a workspace's rows, newest first; for equal times, the later row first. */
export function newestDelegations(rows: readonly ActivityRow[]): DelegationRow[] {
  const delegations = rows.filter(({ method }) => METHODS.has(method)).reverse();
  delegations.sort((a, b) => Date.parse(b.createdAt) - Date.parse(a.createdAt));
  return delegations.slice(0, PAGE).map(toDelegation);
}

/** The activity row for a given delegation; missing fields get plausible values. */
export function scriptedDelegation(workspaceId: string, row: Partial<DelegationRow>): NewActivity {
  const { delegation_id, response_preview } = row;
  return {
    workspaceId,
    type: row.type ?? "delegation",
    method: "delegate",
    sourceId: row.source_id ?? workspaceId,
    targetId: row.target_id ?? null,
    summary: row.summary ?? "",
    status: row.status ?? "completed",
    errorDetail: row.error ?? null,
    ...(delegation_id !== undefined && { requestBody: { delegation_id } }),
    ...(response_preview !== undefined && { responseBody: { text: response_preview } }),
    ...(row.id !== undefined && { id: row.id }),
    ...(row.created_at !== undefined && { createdAt: row.created_at }),
    ...(row.direction !== undefined && { direction: row.direction }),
  };
}

/** The delegation that a row belongs to; undefined if unknown. */
export function delegationIdOf({ requestBody, responseBody }: ActivityRow): string | undefined {
  const id = textIn(requestBody, "delegation_id") || textIn(responseBody, "delegation_id");
  return id === "" ? undefined : id;
}

/** Truncates to at most `maxBytes` of UTF-8, including the ellipsis. */
export function truncated(text: string, maxBytes: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= maxBytes) return text;
  let end = maxBytes - ELLIPSIS_BYTES;
  // Never cuts a character in two.
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return `${bytes.subarray(0, end).toString()}…`;
}

function toDelegation(row: ActivityRow): DelegationRow {
  const id = delegationIdOf(row);
  const preview = previewOf(row.responseBody);
  return {
    id: row.id,
    type: row.type,
    direction: row.direction ?? "sent",
    source_id: row.sourceId ?? "",
    target_id: row.targetId ?? "",
    summary: row.summary ?? "",
    status: row.status,
    created_at: row.createdAt,
    ...(id !== undefined && { delegation_id: id }),
    ...(row.errorDetail && { error: row.errorDetail }),
    ...(preview !== "" && { response_preview: truncated(preview, MAX_PREVIEW) }),
  };
}

/** The text of an answer; without a text, the answer as the database prints JSON. */
function previewOf(body: unknown): string {
  if (body === undefined || body === null) return "";
  const text: unknown = typeof body === "object" ? Reflect.get(body, "text") : undefined;
  if (text === undefined || text === null) return asPostgresPrints(body);
  return typeof text === "string" ? text : asPostgresPrints(text);
}

/** JSON in PostgreSQL's `jsonb` format: a space after each colon and comma. */
function asPostgresPrints(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(asPostgresPrints).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const entries = Object.entries(value).map(
    ([key, item]) => `${JSON.stringify(key)}: ${asPostgresPrints(item)}`,
  );
  return `{${entries.join(", ")}}`;
}

function textIn(value: unknown, name: string): string {
  if (typeof value !== "object" || value === null) return "";
  const text: unknown = Reflect.get(value, name);
  return typeof text === "string" ? text : "";
}
