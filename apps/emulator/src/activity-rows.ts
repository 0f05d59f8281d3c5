import type { Static } from "typebox";
import type { ActivityRow } from "./activity.ts";
import type { Platform } from "./app.ts";
import { isRecord } from "./json.ts";
import type { ActivityReport } from "./schemas/activity.ts";
import { canonicalId } from "./uuid.ts";

/** How much of an agent's message its row's summary holds, in characters. */
const MAX_SUMMARY = 80;

/** An agent's message to the person, as recorded in its activity. */
export function said(id: string, message: string, attachments: readonly object[]) {
  const shown =
    [...message].length > MAX_SUMMARY ? `${[...message].slice(0, MAX_SUMMARY).join("")}…` : message;
  const files = attachments.map((file) => ({ kind: "file", file }));
  return {
    workspaceId: id,
    type: "a2a_receive",
    method: "notify",
    summary: `Agent message: ${shown}`,
    responseBody: { result: message, ...(files.length > 0 && { parts: files }) },
  };
}

export function reported(id: string, body: Static<typeof ActivityReport>) {
  const requestBody = body.request_body ?? body.metadata ?? undefined;
  return {
    workspaceId: id,
    type: body.activity_type,
    sourceId: id,
    targetId: body.target_id ? canonicalId(body.target_id) : null,
    method: body.method || null,
    summary: body.summary || null,
    status: body.status || "ok",
    errorDetail: body.error_detail || null,
    durationMs: body.duration_ms ?? null,
    ...(requestBody !== undefined && { requestBody }),
    ...(body.response_body !== undefined && { responseBody: body.response_body }),
  };
}

/** A row in the platform's format. */
export function rowOf(row: ActivityRow) {
  return {
    id: row.id,
    workspace_id: row.workspaceId,
    activity_type: row.type,
    source_id: row.sourceId,
    target_id: row.targetId,
    method: row.method,
    summary: row.summary,
    ...(row.requestBody !== undefined && { request_body: row.requestBody }),
    ...(row.responseBody !== undefined && { response_body: row.responseBody }),
    duration_ms: row.durationMs,
    status: row.status,
    error_detail: row.errorDetail,
    created_at: row.createdAt,
  };
}

/** The sender and the attachments. */
export function peerInfo({ sourceId, requestBody }: ActivityRow, { state }: Platform, baseUrl: string) {
  const peer = sourceId === null ? undefined : state.get(sourceId);
  const attachments = attachmentsIn(requestBody);
  return {
    ...(peer && { peer_name: peer.name }),
    ...(peer?.role && { peer_role: peer.role }),
    ...(sourceId !== null && { agent_card_url: `${baseUrl}/registry/discover/${sourceId}` }),
    ...(attachments.length > 0 && { attachments }),
  };
}

function attachmentsIn(requestBody: unknown) {
  const params = isRecord(requestBody) ? requestBody.params : undefined;
  const message = isRecord(params) ? params.message : undefined;
  const parts = isRecord(message) && Array.isArray(message.parts) ? message.parts : [];
  return parts.flatMap((part) => {
    if (!isRecord(part) || !["file", "image", "audio"].includes(String(part.kind))) return [];
    const file = isRecord(part.file) ? part.file : part;
    const { uri, mimeType, mime_type = mimeType, name } = file;
    return typeof uri === "string" && uri !== ""
      ? [{ kind: part.kind, uri, ...(mime_type ? { mime_type } : {}), ...(name ? { name } : {}) }]
      : [];
  });
}
