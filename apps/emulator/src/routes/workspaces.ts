import type { App, Platform } from "../app.ts";
import { WORKSPACE_ID } from "../contract.ts";
import { Failure, Gone, Healthy, IdParams, WorkspaceAnswer } from "../schemas.ts";
import type { Workspace } from "../workspace.ts";

/** What anyone may ask: how a workspace is, and whether the platform is there. */
export function workspaceRoutes(app: App, { contract, state }: Platform): void {
  app.get(
    "/workspaces/:id",
    {
      schema: {
        summary: "How a workspace is",
        description: "Without a bearer. The only way to learn that a workspace is gone.",
        tags: ["workspaces"],
        params: IdParams,
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
      if (workspace.status === "removed" && contract.removedIsGone) {
        return reply.code(410).send({
          error: "workspace removed",
          id,
          removed_at: iso(workspace.removedAt),
          hint: "this id does not come back: create a workspace and give the agent its id and token",
        });
      }
      return describe(workspace, contract.pollMode);
    },
  );

  app.get(
    "/health",
    { schema: { summary: "Whether the platform is there", tags: ["health"], response: { 200: Healthy } } },
    async () => ({ status: "ok" }),
  );
}

function describe(workspace: Workspace, withDeliveryMode: boolean) {
  return {
    id: workspace.id,
    name: workspace.id,
    status: workspace.status,
    url: workspace.url,
    ...(withDeliveryMode && { delivery_mode: workspace.deliveryMode }),
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
