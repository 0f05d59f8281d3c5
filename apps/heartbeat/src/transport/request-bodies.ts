/** Describes the agent of a workspace to the platform: any JSON object. */
export type AgentCard = Readonly<Record<string, unknown>>;

/**
 * Body of `POST /registry/register`. This runner has no address of its own and fetches what is meant for it; a
 * platform too old to know that rejects an empty URL and gets one that cannot resolve (RFC 2606).
 */
export function registerBody(workspaceId: string, card: AgentCard, needsUrl: boolean) {
  const url = needsUrl ? `http://workspace.invalid/${workspaceId}` : "";
  return { id: workspaceId, url, agent_card: card, delivery_mode: "poll" };
}

/** How the requests of the last minute went. */
interface Errors {
  /** From 0 to 1. */
  rate(): number;
  /** Empty when there was none. */
  sampleError(): string;
}

/** Body of `POST /registry/heartbeat`. Carries every field: the platform sets a missing one to zero. */
export function heartbeatBody(workspaceId: string, errors: Errors, uptimeMs: number) {
  return {
    workspace_id: workspaceId,
    error_rate: errors.rate(),
    sample_error: errors.sampleError(),
    active_tasks: 0,
    uptime_seconds: Math.min(Math.floor(uptimeMs / 1000), 2 ** 31 - 1),
    current_task: "",
    monthly_spend: 0,
    runtime_state: "",
    runtime_metadata: {},
  };
}
