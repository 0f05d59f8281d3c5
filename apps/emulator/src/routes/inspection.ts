import type { App, Platform } from "../app.ts";
import { messagesIn } from "../dashboard/conversation.ts";
import { bytesOf } from "../limits.ts";
import { Failure, IdParams } from "../schemas/base.ts";
import { MessagesAnswer, RequestsAnswer, RequestsQuery, StateAnswer } from "../schemas/controls.ts";
import { viewAll } from "../view.ts";
import { idOf } from "./params.ts";
import { iso } from "./workspaces.ts";

const tags = ["controls"];
/** The maximum size of a displayed body, in bytes. */
const MAX_SHOWN_BYTES = 16 * 1024;
const foreign = Failure("The request came from another origin.");

/** The emulator's own state: workspaces and requests. */
export function inspectionRoutes(app: App, platform: Platform): void {
  app.get(
    "/emulator/state",
    { schema: { summary: "The emulator's state", tags, response: { 200: StateAnswer, 403: foreign } } },
    async () => stateOf(platform),
  );

  app.get(
    "/emulator/requests",
    {
      schema: {
        summary: "The requests to the platform",
        tags,
        querystring: RequestsQuery,
        response: {
          200: RequestsAnswer,
          400: Failure("The invalid field, and why."),
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

  app.get(
    "/emulator/workspaces/:id/requests",
    {
      schema: {
        summary: "The last 20 requests of a workspace",
        description:
          "Regardless of other workspaces' traffic. With bodies of up to 16 KiB; `seq` identifies a request.",
        tags,
        params: IdParams,
        response: { 200: RequestsAnswer, 403: foreign },
      },
    },
    async (request) => ({
      requests: platform.feed.requestsOf(idOf(request)).map(({ seq, record }) => ({
        seq,
        ...record,
        body: bytesOf(record.body) > MAX_SHOWN_BYTES ? `(${bytesOf(record.body)} bytes)` : record.body,
      })),
    }),
  );

  app.get(
    "/emulator/workspaces/:id/messages",
    {
      schema: {
        summary: "The last 20 messages to and from a workspace",
        tags,
        params: IdParams,
        response: { 200: MessagesAnswer, 403: foreign },
      },
    },
    async (request) => ({
      messages: messagesIn(platform.state.activity.of(idOf(request)))
        .slice(-20)
        .map((message) => platform.redact(message)),
    }),
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
      name: view.name,
      runtime: view.runtime,
      parent_id: view.parentId,
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
