import type { Redactor } from "../redact.ts";
import type { TokenRecord } from "../tokens.ts";
import type { Workspace } from "../workspace.ts";
import type { CardMessage } from "./messages.ts";
import type { RequestStats } from "./request-stats.ts";

/** The inputs of a card message. */
export interface CardSource {
  readonly workspace: Workspace;
  readonly live: readonly TokenRecord[];
  readonly stats: RequestStats;
}

/** The limit for texts: a table row needs no more, and an agent may send a megabyte. */
const MAX_TEXT = 240;

/** A workspace in the dashboard's format, without secrets. */
export function cardOf({ workspace, live, stats }: CardSource, redact: Redactor): CardMessage {
  // Redacted before it is truncated, because part of a token would not be recognised.
  const shown = (text: string) => truncate(redact(text));
  return {
    id: workspace.id,
    name: shown(nameIn(workspace.agentCard) || workspace.name),
    status: workspace.status,
    polls: workspace.deliveryMode === "poll",
    wedged: workspace.runtimeState === "wedged",
    heartbeats: workspace.heartbeats,
    lastHeartbeatAt: workspace.lastHeartbeatAt,
    errorRate: workspace.errorRate,
    sampleError: shown(workspace.sampleError),
    activeTasks: workspace.activeTasks,
    currentTask: shown(workspace.currentTask),
    tokenPrefix: live.at(-1)?.prefix ?? null,
    liveTokens: live.length,
    latencyMs: stats.latencyMs,
    failures: stats.failures,
    requests: stats.requests,
    failing: stats.failing,
    rejections: stats.rejections,
    recovery: stats.recovery,
  };
}

/** At most 240 characters; an ellipsis marks truncation. */
export function truncate(text: string): string {
  return text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT - 1)}…`;
}

function nameIn(agentCard: unknown): string {
  if (typeof agentCard !== "object" || agentCard === null) return "";
  const name: unknown = Reflect.get(agentCard, "name");
  return typeof name === "string" ? name : "";
}
