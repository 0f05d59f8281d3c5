import type { App, Platform } from "../app.ts";
import { RequestsAnswer, RequestsQuery, StateAnswer } from "../control-schemas.ts";
import { Failure } from "../schemas.ts";
import { viewAll } from "../view.ts";
import { iso } from "./workspaces.ts";

const tags = ["controls"];
const foreign = Failure("The request came from a web page elsewhere.");

/** What the emulator shows of itself: what is now, and what was asked. */
export function inspectionRoutes(app: App, platform: Platform): void {
  app.get(
    "/emulator/state",
    { schema: { summary: "What the emulator knows", tags, response: { 200: StateAnswer, 403: foreign } } },
    async () => stateOf(platform),
  );

  app.get(
    "/emulator/requests",
    {
      schema: {
        summary: "What the platform was asked",
        tags,
        querystring: RequestsQuery,
        response: {
          200: RequestsAnswer,
          400: Failure("Which field does not fit, and why."),
          403: foreign,
        },
      },
    },
    async (request) => {
      const { workspace, since = "0" } = request.query;
      const requests = platform.recorder
        .all()
        .filter(({ at, workspaceId }) => at >= Number(since) && (!workspace || workspaceId === workspace));
      return { requests };
    },
  );
}

function stateOf({ contract, clock, faults, state, redact, orgId }: Platform) {
  return {
    contract: contract.version,
    now: iso(clock.now()),
    tenant_guard: orgId !== undefined,
    outage: faults.current,
    latency_ms: faults.latencyMs,
    workspaces: viewAll(state, redact).map((view) => ({
      id: view.id,
      status: view.status,
      url: view.url,
      delivery_mode: view.deliveryMode,
      agent_card: view.agentCard,
      registers: view.registers,
      heartbeats: view.heartbeats,
      registered_at: iso(view.registeredAt),
      last_heartbeat_at: iso(view.lastHeartbeatAt),
      removed_at: iso(view.removedAt),
      alive_until: iso(view.aliveUntil),
      error_rate: view.errorRate,
      sample_error: view.sampleError,
      active_tasks: view.activeTasks,
      uptime_seconds: view.uptimeSeconds,
      current_task: view.currentTask,
      monthly_spend: view.monthlySpend,
      runtime_state: view.runtimeState,
      runtime_metadata: view.runtimeMetadata,
      live_tokens: view.liveTokens,
      token_prefix: view.tokenPrefix,
    })),
  };
}
