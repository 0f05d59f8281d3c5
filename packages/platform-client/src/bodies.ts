import { isObject, type JsonObject } from "./json.ts";

/** A workspace's self-description: any JSON object with a name, also one whose type is an interface. */
export type AgentCard =
  | JsonObject
  | {
      /** The agent's name, for people. */
      readonly name: string;
    };

/** How a workspace receives messages: it polls, or the platform calls its URL. */
export type DeliveryMode = "poll" | "push";

/** A workspace's status. Fields left out are sent as zero values, which the platform would assume anyway. */
export interface HeartbeatStats {
  /**
   * Share of recent operations that failed, 0 to 1. From 0.5 on, the platform marks the workspace degraded. @default 0
   */
  readonly errorRate?: number;
  /** One recent error, for people. @default "" */
  readonly sampleError?: string;
  /** An integer, 0 to 2,147,483,647; rounded down and clamped. @default 0 */
  readonly activeTasks?: number;
  /** In seconds; rounded and clamped as `activeTasks`. @default 0 */
  readonly uptimeSeconds?: number;
  /** For people. @default "" */
  readonly currentTask?: string;
  /** An integer in the platform's unit; 0 keeps the last value. @default 0 */
  readonly monthlySpend?: number;
  /** `wedged` counts as degraded. @default "" */
  readonly runtimeState?: string;
  /** @default {} */
  readonly runtimeMetadata?: JsonObject;
  /** The `generation` from the last heartbeat's response. Left out if there was none. */
  readonly observedGeneration?: number;
  /** Whether the workspace accepts no further work now. @default true while there are active tasks */
  readonly isBusy?: boolean;
  /** The agent card, if changed. Only newer platforms read it from a heartbeat, so call `updateCard`, too. */
  readonly agentCard?: AgentCard;
}

/** Longer texts are truncated: people read them in a table. */
const MAX_TEXT_LENGTH = 4096;
const MAX_INT32 = 2 ** 31 - 1;
/** Version of the heartbeat body, as newer platforms read it. */
const SCHEMA_VERSION = 1;

/** Body of `POST /registry/heartbeat`. Sends every field, because the platform sets a missing one to its zero value. */
export function heartbeatBody(workspaceId: string, stats: HeartbeatStats): string {
  const { errorRate = 0, sampleError = "", currentTask = "", runtimeState = "" } = stats;
  const activeTasks = whole(stats.activeTasks, MAX_INT32);
  return toJson({
    schema_version: SCHEMA_VERSION,
    workspace_id: workspaceId,
    error_rate: Number.isFinite(errorRate) ? errorRate : 0,
    sample_error: sampleError.slice(0, MAX_TEXT_LENGTH),
    active_tasks: activeTasks,
    is_busy: stats.isBusy ?? activeTasks > 0,
    uptime_seconds: whole(stats.uptimeSeconds, MAX_INT32),
    current_task: currentTask.slice(0, MAX_TEXT_LENGTH),
    monthly_spend: whole(stats.monthlySpend, Number.MAX_SAFE_INTEGER),
    runtime_state: runtimeState.slice(0, MAX_TEXT_LENGTH),
    runtime_metadata: stats.runtimeMetadata ?? {},
    observed_generation: stats.observedGeneration,
    agent_card: stats.agentCard,
  });
}

/** Body of `POST /registry/register`. Without a mode, the workspace keeps its current one. */
export function registerBody(
  workspaceId: string,
  request: { readonly agentCard: AgentCard; readonly url?: string; readonly deliveryMode?: DeliveryMode },
): string {
  const { agentCard, url = "", deliveryMode } = request;
  return toJson({ id: workspaceId, url, agent_card: agentCard, delivery_mode: deliveryMode });
}

/** Body of `POST /workspaces/:id/a2a`: JSON-RPC 2.0 with A2A's `message/send`. */
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
