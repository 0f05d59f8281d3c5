import { randomUUID } from "node:crypto";
import type { FastifyRequest } from "fastify";
import type { App, Platform } from "../app.ts";
import { A2aBody, Delivered, Failure, IdParams, Queued, Unreachable } from "../schemas.ts";

/**
 * Messages to agents. The emulator never calls anyone: an agent that is reached by URL is taken to have
 * answered, one that polls gets its message queued.
 */
export function a2aRoutes(app: App, { contract, state, authGuard, emit }: Platform): void {
  app.post(
    "/workspaces/:id/a2a",
    {
      schema: {
        summary: "Send a message to an agent",
        description: "X-Workspace-ID names the sender, whose own token is needed; else that of the receiver.",
        tags: ["workspaces"],
        security: [{ bearer: [] }],
        params: IdParams,
        body: A2aBody,
        response: {
          200: Delivered,
          202: Queued,
          400: Failure("Not a JSON object."),
          401: Failure("No bearer, or not a live token of the sender."),
          404: Failure("No such receiver, or it was removed."),
          503: Unreachable,
        },
      },
      onRequest: async (request, reply) =>
        authGuard.workspace(request, reply, sourceOf(request) ?? request.params.id),
    },
    async (request, reply) => {
      const { id } = request.params;
      const receiver = state.get(id);
      if (!receiver || receiver.status === "removed") {
        return reply.code(404).send({ error: "workspace not found" });
      }
      const message = { type: "message", workspaceId: id, from: sourceOf(request) } as const;
      if (contract.pollMode && receiver.deliveryMode === "poll") {
        emit({ ...message, queued: true });
        return reply.code(202).send({ queued: true, delivery_mode: "poll", workspace_id: id });
      }
      if (receiver.status !== "online" && receiver.status !== "degraded") {
        return reply.code(503).send({ error: "workspace agent unreachable", restarting: true });
      }
      emit({ ...message, queued: false });
      return {
        jsonrpc: "2.0",
        id: request.body.id ?? null,
        result: {
          kind: "message",
          role: "agent",
          messageId: randomUUID(),
          parts: [{ kind: "text", text: "" }],
        },
      };
    },
  );
}

/** The workspace whose own runtime sends this; null for what a person typed. */
function sourceOf(request: FastifyRequest): string | null {
  const named = request.headers["x-workspace-id"];
  return typeof named === "string" && named !== "" ? named : null;
}
