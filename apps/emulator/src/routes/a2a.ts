import type { FastifyReply, FastifyRequest } from "fastify";
import type { App, Platform } from "../app.ts";
import { isBearer } from "../authorization.ts";
import { isRecord, type JsonObject } from "../json.ts";
import { MAX_MESSAGE_BYTES } from "../json-body.ts";
import { accessProblem, deliver } from "../messages.ts";
import { Broken, Failure, IdParams, QueueParams } from "../schemas/base.ts";
import { Delivered, Unreachable } from "../schemas/workspaces.ts";
import { canonicalId, parseUuid } from "../uuid.ts";
import { headerOf, idOf, respond } from "./params.ts";

/** Internal senders of the platform, which external callers must not impersonate. */
const SYSTEM_CALLER = /^(?:webhook|system|test|channel):/;
const security = [{ bearer: [] }];

/** Messages to agents. */
export function a2aRoutes(app: App, platform: Platform): void {
  const { authGuard } = platform;

  app.post(
    "/workspaces/:id/a2a",
    {
      config: { invalidBody: "invalid JSON", maxBodyBytes: MAX_MESSAGE_BYTES },
      schema: {
        summary: "Send a message to an agent",
        description:
          "X-Workspace-ID names the sender, whose own token is required. With the operator's token and without a sender, the message comes from a person.",
        tags: ["workspaces"],
        security,
        params: IdParams,
        response: {
          200: Delivered,
          400: Failure("Not a JSON object, or a message without parts."),
          401: Failure("No bearer, or not a live token of the sender."),
          403: Failure("The workspaces are neither related by descent nor siblings."),
          404: Failure("No such receiver."),
          413: Failure("More than 16 MiB."),
          503: Unreachable,
        },
      },
      onRequest: async (request, reply) => checkCaller(request, reply, platform),
    },
    async (request, reply) => {
      const { body } = request;
      const receiverId = idOf(request);
      const callerId = callerOf(request, platform);
      const isPerson = callerId !== null && callerId !== receiverId && authGuard.isAdmin(request);
      if (!isPerson) return respond(reply, deliver(platform, { receiverId, callerId, body }));
      if (!isRecord(body)) return reply.code(400).send({ error: "invalid A2A body" });
      return respond(reply, deliver(platform, { receiverId, callerId, body: typed(body) }));
    },
  );

  app.get(
    "/workspaces/:id/a2a/queue/:queueId",
    {
      schema: {
        summary: "The status of a message queued for a busy agent",
        tags: ["workspaces"],
        security,
        params: QueueParams,
        response: {
          401: Failure("Neither a bearer nor X-Workspace-ID identifies the caller."),
          404: Failure("No such message. The emulator's agents are never busy."),
          500: Broken,
        },
      },
    },
    async (request, reply) => {
      if (callerOf(request, platform) === null) {
        return reply.code(401).send({ error: "caller identity required" });
      }
      if (parseUuid(request.params.queueId) === null) {
        return reply.code(500).send({ error: "lookup failed" });
      }
      return reply.code(404).send({ error: "queue item not found", retryable: true });
    },
  );
}

/** Accepts a sender that is authenticated and may message this workspace. */
async function checkCaller(
  request: FastifyRequest,
  reply: FastifyReply,
  platform: Platform,
): Promise<FastifyReply | undefined> {
  if (SYSTEM_CALLER.test(headerOf(request, "x-workspace-id"))) {
    return reply.code(403).send({ error: "invalid caller ID" });
  }
  const receiverId = idOf(request);
  const callerId = callerOf(request, platform);
  const { authGuard } = platform;
  // A message to itself needs no authentication, and the operator is a person outside the hierarchy.
  if (callerId === null || callerId === receiverId || authGuard.isAdmin(request)) return undefined;
  const rejected = authGuard.known(request, reply, { workspaceId: callerId, whose: "caller" });
  if (rejected) return rejected;
  const problem = accessProblem(platform, callerId, receiverId);
  return problem ? respond(reply, problem) : undefined;
}

/** The sending workspace: the named one, or else the token's; null for a person. */
function callerOf(request: FastifyRequest, { state }: Platform): string | null {
  const named = headerOf(request, "x-workspace-id");
  if (named !== "") return canonicalId(named);
  const { presented } = request;
  return isBearer(presented) ? state.openedBy(presented.digest) : null;
}

/** Marks a message that a person typed in a workspace's name. Only a session would show who it was. */
function typed(body: JsonObject): JsonObject {
  const params = isRecord(body.params) ? body.params : {};
  const metadata = isRecord(params.metadata) ? params.metadata : {};
  const marked = { ...metadata, source: "canvas_user", user_identity_status: "UNAUTHENTICATED" };
  return { ...body, params: { ...params, metadata: marked } };
}
