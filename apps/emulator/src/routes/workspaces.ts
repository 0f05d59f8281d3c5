import type { App, Platform } from "../app.ts";
import { WORKSPACE_ID } from "../contract.ts";
import {
  Failure,
  Gone,
  Healthy,
  IdParams,
  StateOfWorkspace,
  WorkspaceAnswer,
  WorkspaceQuery,
} from "../schemas.ts";
import type { Workspace } from "../workspace.ts";

/** The status of a workspace, for anyone and for its own runtime, and of the platform. */
export function workspaceRoutes(app: App, { contract, state, authGuard }: Platform): void {
  app.get(
    "/workspaces/:id",
    {
      schema: {
        summary: "How a workspace is",
        description: "Without a bearer. The only way to learn that a workspace is gone.",
        tags: ["workspaces"],
        params: IdParams,
        querystring: WorkspaceQuery,
        response: {
          200: WorkspaceAnswer,
          400: Failure("Not an id."),
          404: Failure("No such workspace."),
          410: Gone,
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      if (!WORKSPACE_ID.test(id)) return reply.code(400).send({ error: "invalid workspace ID" });
      const workspace = state.get(id);
      if (!workspace) return reply.code(404).send({ error: "workspace not found" });
      const showRemoved = !contract.removedIsGone || request.query.include_removed === "true";
      if (workspace.status === "removed" && !showRemoved) {
        return reply.code(410).send({
          error: "workspace removed",
          id,
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
        description: "The token of a removed workspace is revoked, so that it gets a 401 here.",
        tags: ["workspaces"],
        security: [{ bearer: [] }],
        params: IdParams,
        response: {
          200: StateOfWorkspace,
          401: Failure("No bearer, or not a live token of this workspace."),
        },
      },
      onRequest: async (request, reply) => authGuard.workspace(request, reply, request.params.id),
    },
    async (request) => {
      const { id } = request.params;
      // Whoever gets here has a live token, so the workspace is neither unknown nor removed.
      return { workspace_id: id, status: state.get(id)?.status, paused: false, deleted: false };
    },
  );

  app.get(
    "/health",
    { schema: { summary: "Whether the platform is there", tags: ["health"], response: { 200: Healthy } } },
    async () => ({ status: "ok" }),
  );
}

/** The 24 fields that the server shows. What the emulator does not play has the value of a fresh workspace. */
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
    loaded_mcp_tools: [],
    max_concurrent_tasks: 1,
    name: workspace.id,
    parent_id: null,
    role: null,
    runtime: "claude-code",
    status: workspace.status,
    talk_to_user_enabled: true,
    tier: 1,
    uptime_seconds: workspace.uptimeSeconds,
    url: workspace.url,
    wedged: workspace.runtimeState === "wedged",
    x: 0,
    y: 0,
  };
}

function describeV1(workspace: Workspace) {
  return {
    id: workspace.id,
    name: workspace.id,
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

/** A time as the platform writes it. */
export function iso(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
