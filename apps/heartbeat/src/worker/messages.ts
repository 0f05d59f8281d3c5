import type { Activity } from "./activity.ts";

/** What a workspace says of itself when it registers: any JSON object. */
export type AgentCard = Readonly<Record<string, unknown>>;

/**
 * Body of `POST /registry/register`. This runner has no address of its own and fetches what is meant for it; a
 * platform too old to know that refuses an empty URL and gets one that cannot resolve (RFC 2606).
 */
export function registerBody(workspaceId: string, card: AgentCard, needsUrl: boolean) {
  const url = needsUrl ? `http://workspace.invalid/${workspaceId}` : "";
  return { id: workspaceId, url, agent_card: card, delivery_mode: "poll" };
}

/** Body of `POST /registry/heartbeat`. Carries every field: one that is left out is set to zero over there. */
export function beatBody(workspaceId: string, activity: Activity, uptimeMs: number) {
  return {
    workspace_id: workspaceId,
    error_rate: activity.errorRate(),
    sample_error: activity.sampleError(),
    active_tasks: 0,
    uptime_seconds: Math.min(Math.floor(uptimeMs / 1000), 2 ** 31 - 1),
    current_task: "",
    monthly_spend: 0,
    runtime_state: "",
    runtime_metadata: {},
  };
}
