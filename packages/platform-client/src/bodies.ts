import { isObject, type JsonObject } from "./json.ts";

/** What a workspace says about itself: any JSON object with a name. */
export type AgentCard = JsonObject;

/** How messages reach a workspace: it fetches them, or the platform calls its URL. */
export type DeliveryMode = "poll" | "push";

/** How a workspace fares. What is left out is sent as its zero value, because the platform would set it so anyway. */
export interface HeartbeatStats {
  /** Share of what failed lately, 0 to 1. The platform marks the workspace degraded from 0.5 on. @default 0 */
  readonly errorRate?: number;
  /** One of the errors, for people. @default "" */
  readonly sampleError?: string;
  /** Whole, 0 to 2,147,483,647; rounded down and clamped. @default 0 */
  readonly activeTasks?: number;
  /** Whole seconds, as `activeTasks`. @default 0 */
  readonly uptimeSeconds?: number;
  /** For people. @default "" */
  readonly currentTask?: string;
  /** Whole, in the platform's unit; 0 keeps the last value. @default 0 */
  readonly monthlySpend?: number;
  /** `wedged` counts as degraded. @default "" */
  readonly runtimeState?: string;
  /** @default {} */
  readonly runtimeMetadata?: JsonObject;
  /** The `generation` of the last heartbeat's answer. Left out when there was none. */
  readonly observedGeneration?: number;
}

/** Longer texts are cut: people read them in a table. */
const MAX_TEXT_LENGTH = 4096;
const MAX_INT32 = 2 ** 31 - 1;

/** Body of `POST /registry/heartbeat`. Carries every field: one that is left out is set to its zero value. */
export function heartbeatBody(workspaceId: string, stats: HeartbeatStats): string {
  const { errorRate = 0, sampleError = "", currentTask = "", runtimeState = "", observedGeneration } = stats;
  return toJson({
    workspace_id: workspaceId,
    error_rate: Number.isFinite(errorRate) ? errorRate : 0,
    sample_error: sampleError.slice(0, MAX_TEXT_LENGTH),
    active_tasks: whole(stats.activeTasks, MAX_INT32),
    uptime_seconds: whole(stats.uptimeSeconds, MAX_INT32),
    current_task: currentTask.slice(0, MAX_TEXT_LENGTH),
    monthly_spend: whole(stats.monthlySpend, Number.MAX_SAFE_INTEGER),
    runtime_state: runtimeState.slice(0, MAX_TEXT_LENGTH),
    runtime_metadata: stats.runtimeMetadata ?? {},
    observed_generation: observedGeneration,
  });
}

/** Body of `POST /registry/register`. Without a mode the workspace keeps the one it has. */
export function registerBody(
  workspaceId: string,
  request: { readonly agentCard: AgentCard; readonly url?: string; readonly deliveryMode?: DeliveryMode },
): string {
  const { agentCard, url = "", deliveryMode } = request;
  return toJson({ id: workspaceId, url, agent_card: agentCard, delivery_mode: deliveryMode });
}

/** Body of `POST /workspaces/:id/a2a`: JSON-RPC 2.0, A2A's `message/send`. */
export function messageBody(message: {
  readonly messageId: string;
  readonly parts: readonly JsonObject[];
  readonly metadata?: JsonObject | undefined;
}): string {
  const { messageId, parts, metadata } = message;
  const params = { message: { role: "user", messageId, parts, metadata } };
  return toJson({ jsonrpc: "2.0", id: messageId, method: "message/send", params });
}

function whole(value: number | undefined, max: number): number {
  if (value === undefined || !(value > 0)) return 0;
  return Math.min(Math.floor(value), max);
}

/** JSON without U+0000, which the platform's database cannot store. */
export function toJson(value: JsonObject): string {
  const json = JSON.stringify(value);
  return json.includes("\\u0000") ? JSON.stringify(value, withoutNul) : json;
}

function withoutNul(_: string, member: unknown): unknown {
  if (typeof member === "string") return member.replaceAll("\0", "");
  if (!isObject(member)) return member;
  return Object.fromEntries(
    Object.entries(member).map(([name, value]) => [name.replaceAll("\0", ""), value]),
  );
}
