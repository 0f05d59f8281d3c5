import type { FastifyReply, FastifyRequest } from "fastify";
import type { App, Platform } from "../app.ts";
import { Broken, Failure, IdParams } from "../schemas/base.ts";
import { DeleteQuery, Paused } from "../schemas/operator.ts";
import { hasUuid, idOf, nameAndId } from "./params.ts";

const unauthorized = Failure("No bearer, or not the operator's token.");
const missing = Failure("No such workspace.");
const common = { tags: ["operator"], security: [{ bearer: [] }] };

/** Pausing and resuming workspaces, by an operator. */
export function pausingRoutes(app: App, platform: Platform): void {
  const { state } = platform;

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
      onRequest: admin401AsWorkspace(platform),
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
      onRequest: admin401AsWorkspace(platform),
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

/** For operator-only routes below a workspace's path. */
const admin401AsWorkspace =
  ({ authGuard }: Platform) =>
  async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> => {
    if (authGuard.isAdmin(request)) return undefined;
    const reason = request.presented === null ? "missing" : "invalid";
    return reply.code(401).send({ error: `${reason} workspace auth token` });
  };
