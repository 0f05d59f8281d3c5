import type { App, Platform } from "../app.ts";
import { Broken, Failure, IdParams } from "../schemas/base.ts";
import { DeleteQuery, Paused } from "../schemas/operator.ts";
import { hasUuid, idOf, nameAndId } from "./params.ts";

const unauthorized = Failure("No bearer, or not a live token of this workspace.");
const missing = Failure("No such workspace.");
const common = { tags: ["operator"], security: [{ bearer: [] }] };

/** Pausing workspaces, by an operator or by the workspace itself. */
export function pausingRoutes(app: App, { state, authGuard }: Platform): void {
  app.post(
    "/workspaces/:id/pause",
    {
      schema: {
        ...common,
        summary: "Pause a workspace; only a registration wakes it",
        params: IdParams,
        querystring: DeleteQuery,
        response: {
          200: Paused,
          401: unauthorized,
          404: missing,
          409: Failure("It has children; ?cascade=true pauses them, too."),
          500: Broken,
        },
      },
      onRequest: async (request, reply) => authGuard.workspace(request, reply, idOf(request)),
    },
    async (request, reply) => {
      if (!hasUuid(request)) return reply.code(500).send({ error: "lookup failed" });
      const workspace = state.get(idOf(request));
      if (!workspace || workspace.status === "removed" || workspace.status === "paused") {
        return reply.code(404).send({ error: "workspace not found or already paused" });
      }
      const below = state.descendantsOf(workspace.id).filter(({ status }) => status !== "paused");
      if (below.length > 0 && request.query.cascade !== "true") {
        return reply.code(409).send({
          error: "workspace has descendants — use ?cascade=true to pause all",
          descendants: below.map(nameAndId),
        });
      }
      for (const { id } of [workspace, ...below]) state.pause(id);
      return { status: "paused", paused_count: 1 + below.length };
    },
  );

  app.post(
    "/workspaces/:id/resume",
    {
      schema: {
        ...common,
        summary: "Start a paused workspace's container again",
        description: "The emulated platform has no containers: an external agent resumes by registering.",
        params: IdParams,
        response: {
          401: unauthorized,
          404: missing,
          500: Broken,
          503: Failure("No provisioner is available."),
        },
      },
      onRequest: async (request, reply) => authGuard.workspace(request, reply, idOf(request)),
    },
    async (request, reply) => {
      if (!hasUuid(request)) return reply.code(500).send({ error: "lookup failed" });
      if (state.get(idOf(request))?.status !== "paused") {
        return reply.code(404).send({ error: "workspace not found or not paused" });
      }
      return reply.code(503).send({ error: "provisioner not available" });
    },
  );
}
