import type { ActivityRow } from "../activity.ts";
import { isRecord } from "../json.ts";
import type { ConversationMessage } from "./messages.ts";

/** The messages among a workspace's activity rows: those it received, its answers, and those it sent. */
export function messagesIn(rows: readonly ActivityRow[]): ConversationMessage[] {
  return rows.flatMap((row) => {
    if (row.type !== "a2a_receive") return [];
    const { id, createdAt: at, workspaceId, sourceId } = row;
    if (row.method === "notify") return [{ id, at, from: workspaceId, text: textOf(row.responseBody) }];
    const answer = textOf(row.responseBody);
    return [
      { id, at, from: sourceId, text: textOf(row.requestBody) },
      ...(answer === "" ? [] : [{ id: `${id}:answer`, at, from: workspaceId, text: answer }]),
    ];
  });
}

/** The text of a message or an answer; empty if there is none. */
function textOf(body: unknown): string {
  if (!isRecord(body)) return "";
  const { params, result } = body;
  if (typeof result === "string") return result;
  const message = isRecord(params) ? params.message : result;
  const parts = isRecord(message) && Array.isArray(message.parts) ? message.parts : [];
  const texts = parts.flatMap((part) => (isRecord(part) && typeof part.text === "string" ? [part.text] : []));
  return texts.join("\n");
}
