import type { ActivityRow } from "./activity.ts";
import type { Platform } from "./app.ts";
import { delegationIdOf, truncated } from "./delegations.ts";
import { hasNul, isRecord } from "./json.ts";
import { accessProblem, deliver, type RouteAnswer } from "./messages.ts";

/** A task that one workspace delegates to another. */
export interface Task {
  readonly id: string;
  readonly sourceId: string;
  readonly targetId: string;
  /** The target as given by the caller. */
  readonly target: string;
  readonly task: string;
  /** Repeating a task with the same key returns the same delegation. */
  readonly key?: string;
}

/** In bytes. */
const MAX_SUMMARY = 80;

/** Delegates a task: a message to the target, and a row with its outcome. False if the row could not be stored. */
export function delegate(platform: Platform, task: Task): boolean {
  const isTracked = recordDelegation(platform, task, "pending");
  const { id, sourceId, targetId } = task;
  const message = {
    role: "user",
    messageId: id,
    parts: [{ kind: "text", text: task.task }],
    metadata: { delegation_id: id },
  };
  const answer =
    accessProblem(platform, sourceId, targetId) ??
    deliver(platform, {
      receiverId: targetId,
      callerId: sourceId,
      body: { method: "message/send", params: { message } },
    });
  const outcome = outcomeOf(answer);
  setStatus(platform, { ...task, ...outcome });
  addResult(platform, { id, sourceId, targetId, ...outcome });
  return isTracked;
}

/** Records a delegated task; false if the database rejects it. */
export function recordDelegation({ state, clock }: Platform, task: Task, status: string): boolean {
  const { id, sourceId, targetId, target, key = "" } = task;
  if (!state.has(sourceId) || hasNul([id, task.task, key])) return false;
  state.activity.add(
    {
      workspaceId: sourceId,
      type: "delegation",
      method: "delegate",
      sourceId,
      targetId,
      summary: `Delegating to ${target}`,
      requestBody: { task: task.task, delegation_id: id },
      ...(key !== "" && { idempotencyKey: key }),
      responseBody: { delegation_id: id },
      status,
    },
    clock.now(),
  );
  return true;
}

/** Stores a task's result as reported by the workspace itself. */
export function updateDelegation(
  platform: Platform,
  update: { id: string; sourceId: string; status: "completed" | "failed"; error: string; preview: string },
): void {
  setStatus(platform, update);
  const { id, sourceId, status, error, preview } = update;
  if (status === "completed") addResult(platform, { id, sourceId, targetId: null, status, error, preview });
}

/** The delegation with this key that has not failed. */
export function findDelegation({ state }: Platform, sourceId: string, key: string) {
  const row = state.activity
    .of(sourceId)
    .reverse()
    .find(({ idempotencyKey }) => idempotencyKey === key);
  if (!row || row.status === "failed") return undefined;
  return { delegation_id: delegationIdOf(row), status: row.status, target_id: row.targetId };
}

interface RequestOutcome {
  readonly status: "completed" | "failed";
  readonly error: string;
  readonly preview: string;
}

function outcomeOf({ status, body }: RouteAnswer): RequestOutcome {
  if (status >= 300) return { status: "failed", error: String(body.error), preview: "" };
  return { status: "completed", error: "", preview: textOf(body) };
}

/** The first text of an agent's answer; otherwise the whole answer, with its keys sorted as on the server. */
function textOf(body: RouteAnswer["body"]): string {
  const parts = isRecord(body.result) && Array.isArray(body.result.parts) ? body.result.parts : [];
  const text: unknown = parts.find((part) => isRecord(part) && part.kind === "text")?.text;
  return typeof text === "string" ? text : JSON.stringify(body, Object.keys(body).sort());
}

function setStatus(
  { state }: Platform,
  { id, sourceId, status, error }: { id: string; sourceId: string; status: string; error: string },
): void {
  const isGiven = (row: ActivityRow) => row.method === "delegate" && delegationIdOf(row) === id;
  for (const row of state.activity.of(sourceId).filter(isGiven)) {
    row.status = status;
    if (error !== "") row.errorDetail = error;
  }
}

function addResult(
  { state, clock }: Platform,
  {
    id,
    sourceId,
    targetId,
    status,
    error,
    preview,
  }: RequestOutcome & Pick<Task, "id" | "sourceId"> & { targetId: string | null },
): void {
  if (!state.has(sourceId) || hasNul(preview)) return;
  const isDone = status === "completed";
  state.activity.add(
    {
      workspaceId: sourceId,
      type: "delegation",
      method: "delegate_result",
      sourceId,
      targetId,
      summary: isDone ? `Delegation completed (${truncated(preview, MAX_SUMMARY)})` : "Delegation failed",
      responseBody: isDone ? { text: preview, delegation_id: id } : { delegation_id: id },
      status,
      errorDetail: error === "" ? null : error,
    },
    clock.now(),
  );
}
