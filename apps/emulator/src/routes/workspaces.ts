import type { App, Platform } from "../app.ts";
import { Broken, Failure, IdParams, WorkspaceQuery } from "../schemas/base.ts";
import { Secrets } from "../schemas/registry.ts";
import { Gone, StateOfNone, StateOfWorkspace, WorkspaceAnswer } from "../schemas/workspaces.ts";
import type { Workspace } from "../workspace.ts";
import { hasUuid, idOf } from "./params.ts";

const unauthorized = Failure("No bearer, or not a live token of this workspace.");
const security = [{ bearer: [] }];

/** A workspace's public status, its status for its own runtime, and its secrets. */
export function workspaceRoutes(app: App, { contract, state, authGuard }: Platform): void {
  app.get(
    "/workspaces/:id",
    {
      schema: {
        summary: "A workspace's public status",
        description: "Requires no bearer. The only route that reveals that a workspace was removed.",
        tags: ["workspaces"],
        params: IdParams,
        querystring: WorkspaceQuery,
        response: {
          200: WorkspaceAnswer,
          400: Failure("Not a UUID."),
          404: Failure("No such workspace."),
          410: Gone,
        },
      },
    },
    async (request, reply) => {
      if (!hasUuid(request)) return reply.code(400).send({ error: "invalid workspace ID" });
      const workspace = state.get(idOf(request));
      if (!workspace) return reply.code(404).send({ error: "workspace not found" });
      const showRemoved = !contract.removedIsGone || request.query.include_removed === "true";
      if (workspace.status === "removed" && !showRemoved) {
        return reply.code(410).send({
          error: "workspace removed",
          id: workspace.id,
          removed_at: iso(workspace.removedAt),
          hint: "Regenerate workspace + token from the canvas → Tokens tab",
        });
      }
      return contract.version === "v1" ? describeV1(workspace) : describe(workspace);
    },
  );

  app.get(
    "/workspaces/:id/state",
    {
      schema: {
        summary: "The status of a workspace, for its own runtime",
        description:
          "The token of a removed workspace is revoked, so that it gets a 401 here; the 404 is for the operator.",
        tags: ["workspaces"],
        security,
        params: IdParams,
        response: { 200: StateOfWorkspace, 401: unauthorized, 404: StateOfNone, 500: Broken },
      },
      onRequest: async (request, reply) => authGuard.workspace(request, reply, idOf(request)),
      preHandler: async (request, reply) =>
        authGuard.known(request, reply, { workspaceId: idOf(request), whose: "workspace" }),
    },
    async (request, reply) => {
      if (!hasUuid(request)) return reply.code(500).send({ error: "auth check failed" });
      const id = idOf(request);
      const status = state.get(id)?.status;
      if (status === undefined || status === "removed") {
        return reply.code(404).send({ workspace_id: id, ...(status && { status }), deleted: true });
      }
      return { workspace_id: id, status, paused: status === "paused", deleted: false };
    },
  );

  app.get(
    "/workspaces/:id/secrets/values",
    {
      schema: {
        summary: "The secrets of a workspace, for its own runtime",
        description: "The emulator keeps none.",
        tags: ["workspaces"],
        security,
        params: IdParams,
        response: { 200: Secrets, 401: unauthorized },
      },
      onRequest: async (request, reply) => authGuard.workspace(request, reply, idOf(request)),
      preHandler: async (request, reply) =>
        authGuard.known(request, reply, { workspaceId: idOf(request), whose: "workspace" }),
    },
    async () => ({}),
  );
}

/** The 24 fields that the server shows. Those that the emulator does not simulate have a new workspace's values. */
function describe(workspace: Workspace) {
  return {
    active_tasks: workspace.activeTasks,
    agent_card: workspace.agentCard,
    broadcast_enabled: false,
    collapsed: false,
    compute: {},
    id: workspace.id,
    kind: "workspace",
    last_error_rate: workspace.errorRate,
    last_heartbeat_at: iso(workspace.lastSeenAt),
    last_outbound_at: null,
    loaded_mcp_tools: workspace.loadedTools,
    max_concurrent_tasks: 1,
    name: workspace.name,
    parent_id: workspace.parentId,
    role: workspace.role,
    runtime: workspace.runtime,
    status: workspace.status,
    talk_to_user_enabled: true,
    tier: workspace.tier,
    uptime_seconds: workspace.uptimeSeconds,
    url: workspace.url,
    wedged: false,
    x: 0,
    y: 0,
  };
}

/** The operator's view, with more fields. */
export function describeForOperator(workspace: Workspace) {
  return {
    ...describe(workspace),
    budget_limit: null,
    current_task: workspace.currentTask,
    last_sample_error: workspace.sampleError,
    monthly_spend: workspace.monthlySpend,
    workspace_dir: null,
  };
}

function describeV1(workspace: Workspace) {
  return {
    id: workspace.id,
    name: workspace.name,
    status: workspace.status,
    url: workspace.url,
    agent_card: workspace.agentCard,
    last_heartbeat_at: iso(workspace.lastSeenAt),
    last_error_rate: workspace.errorRate,
    last_sample_error: workspace.sampleError,
    active_tasks: workspace.activeTasks,
    uptime_seconds: workspace.uptimeSeconds,
    current_task: workspace.currentTask,
    monthly_spend: workspace.monthlySpend,
    created_at: iso(workspace.createdAt),
    updated_at: iso(workspace.updatedAt),
  };
}

/** A time in the platform's format. */
export function iso(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
