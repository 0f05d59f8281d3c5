import { randomUUID } from "node:crypto";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { App, Platform } from "../app.ts";
import { deliver } from "../messages.ts";
import { Failure, IdParams } from "../schemas/base.ts";
import { AddBody, Added, Done, EmptyBody, MessageAnswer, MessageBody, Rotated } from "../schemas/controls.ts";
import { emptyBody, hasUuid, idOf } from "./params.ts";

const tags = ["controls"];
const invalid = Failure("The invalid field, and why.");
const foreign = Failure("The request came from another origin.");
const unknown = Failure("No such workspace.");

/** Controls for one workspace, used by people. No guard, fault or delay applies to them. */
export function workspaceControlRoutes(app: App, platform: Platform): void {
  const { state, redact } = platform;

  app.post(
    "/emulator/workspaces",
    {
      schema: {
        summary: "Add a workspace",
        description:
          "Like an operator for an external agent: it polls, and awaits its agent. The answer contains its token, which is not shown again.",
        tags,
        body: AddBody,
        response: { 201: Added, 400: invalid, 403: foreign },
      },
    },
    async (request, reply) => {
      const id = randomUUID();
      const { name } = request.body;
      state.create(id, {
        name,
        role: null,
        tier: 3,
        runtime: "external",
        parentId: null,
        deliveryMode: "poll",
        url: "",
        status: "awaiting_agent",
      });
      return reply.code(201).send({ status: "created", id, name, auth_token: state.issue(id) });
    },
  );

  app.post(
    "/emulator/workspaces/:id/rotate",
    {
      schema: {
        summary: "Rotate the token",
        description:
          "Revokes all live tokens, then issues one. The answer contains it, and it is not shown again. An unknown id is provisioned.",
        tags,
        params: IdParams,
        body: EmptyBody,
        response: { 200: Rotated, 400: invalid, 403: foreign },
      },
      preValidation: emptyBody,
      preHandler: checkId,
    },
    async (request) => ({ status: "rotated", auth_token: state.rotate(idOf(request)) }),
  );

  app.post(
    "/emulator/workspaces/:id/revoke",
    {
      schema: {
        summary: "Revoke every live token",
        tags,
        params: IdParams,
        response: { 200: Done("Revoked."), 400: invalid, 403: foreign, 404: unknown },
      },
      preHandler: checkId,
    },
    async (request, reply) => {
      const id = idOf(request);
      if (!state.get(id)) return reply.code(404).send({ error: "workspace not found" });
      state.revokeAll(id);
      return { status: "revoked" };
    },
  );

  app.post(
    "/emulator/workspaces/:id/remove",
    {
      schema: {
        summary: "Remove the workspace",
        tags,
        params: IdParams,
        response: { 200: Done("Removed."), 400: invalid, 403: foreign, 404: unknown },
      },
      preHandler: checkId,
    },
    async (request, reply) => {
      const id = idOf(request);
      if (!state.get(id)) return reply.code(404).send({ error: "workspace not found" });
      state.remove(id);
      return { status: "removed" };
    },
  );

  app.post(
    "/emulator/workspaces/:id/message",
    {
      schema: {
        summary: "Send the workspace a message, as a person",
        description: "Returns the platform's answer and status.",
        tags,
        params: IdParams,
        body: MessageBody,
        response: { 200: MessageAnswer, 400: invalid, 403: foreign, 404: unknown },
      },
      preHandler: checkId,
    },
    async (request, reply) => {
      const id = idOf(request);
      if (!state.get(id)) return reply.code(404).send({ error: "workspace not found" });
      const message = { role: "user", parts: [{ kind: "text", text: request.body.text }] };
      const body = { method: "message/send", params: { message } };
      const answer = deliver(platform, { receiverId: id, callerId: null, body });
      return { status: answer.status, answer: redact(answer.body) };
    },
  );
}

async function checkId(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> {
  return hasUuid(request) ? undefined : reply.code(400).send({ error: "id: must be a UUID" });
}
