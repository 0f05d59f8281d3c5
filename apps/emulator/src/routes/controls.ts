import type { FastifyReply, FastifyRequest } from "fastify";
import type { Static } from "typebox";
import type { App, Platform } from "../app.ts";
import { WORKSPACE_ID } from "../contract.ts";
import { Done, EmptyBody, LatencyBody, OutageBody, Rotated } from "../control-schemas.ts";
import type { Fault } from "../faults.ts";
import { Failure, IdParams } from "../schemas.ts";

const tags = ["controls"];
const invalid = Failure("Which field does not fit, and why.");
const foreign = Failure("The request came from a web page elsewhere.");
const unknown = Failure("No such workspace.");

/** What makes the platform misbehave. No guard, fault or delay stands before these. */
export function controlRoutes(app: App, platform: Platform): void {
  const { state, faults } = platform;

  app.post(
    "/emulator/workspaces/:id/rotate",
    {
      schema: {
        summary: "Rotate the token",
        description:
          "Revokes all live tokens, then issues one, which is in the answer and is never shown again. An unknown id is provisioned.",
        tags,
        params: IdParams,
        body: EmptyBody,
        response: { 200: Rotated, 400: invalid, 403: foreign },
      },
      preValidation: noneIsEmpty,
      preHandler: checkId,
    },
    async (request) => ({ status: "rotated", auth_token: state.rotate(request.params.id) }),
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
      const { id } = request.params;
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
      const { id } = request.params;
      if (!state.get(id)) return reply.code(404).send({ error: "workspace not found" });
      state.remove(id);
      return { status: "removed" };
    },
  );

  app.post(
    "/emulator/outage",
    {
      schema: {
        summary: "Start or end an outage",
        description:
          "Kind null ends it. Kind status needs a status; 401, 429, 503 and 530 come as on the platform.",
        tags,
        body: OutageBody,
        response: { 200: Done("From now on."), 400: invalid, 403: foreign },
      },
    },
    async (request, reply) => {
      const { kind, status, for_requests: forRequests, paths } = request.body;
      if (kind === "status" && status === undefined) {
        return reply.code(400).send({ error: "status: needed with the kind status" });
      }
      faults.set(faultOf(request.body), { ...(forRequests && { forRequests }), ...(paths && { paths }) });
      return { status: kind === null ? "well" : "failing" };
    },
  );

  app.post(
    "/emulator/latency",
    {
      schema: {
        summary: "Delay every answer",
        tags,
        body: LatencyBody,
        response: { 200: Done("From now on."), 400: invalid, 403: foreign },
      },
    },
    async (request) => {
      faults.setLatency(request.body.ms);
      return { status: "set", ms: request.body.ms };
    },
  );
}

/** So that what has nothing but defaults can be asked for without a body. */
async function noneIsEmpty(request: FastifyRequest): Promise<void> {
  request.body ??= {};
}

async function checkId(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> {
  const { id } = request.params as Static<typeof IdParams>;
  if (WORKSPACE_ID.test(id)) return undefined;
  return reply.code(400).send({ error: "id: 1 to 128 of a-z, 0-9 and -, not starting with -" });
}

function faultOf({ kind, status = 500, retry_after_seconds, body }: Static<typeof OutageBody>): Fault | null {
  if (kind !== "status") return kind === null ? null : { kind };
  return {
    kind,
    status,
    ...(retry_after_seconds !== undefined && { retryAfterSeconds: retry_after_seconds }),
    ...(body !== undefined && { body }),
  };
}
