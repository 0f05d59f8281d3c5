import { stat } from "node:fs/promises";
import { basename, dirname, isAbsolute } from "node:path";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Static } from "typebox";
import type { App, Platform } from "../app.ts";
import { WORKSPACE_ID } from "../contract.ts";
import { Done, LatencyBody, OutageBody, RotateBody } from "../control-schemas.ts";
import type { Fault } from "../faults.ts";
import { Failure, IdParams } from "../schemas.ts";

const tags = ["controls"];
const invalid = Failure("Which field does not fit, and why.");
const foreign = Failure("The request came from a web page elsewhere.");
const unknown = Failure("No such workspace.");

/** What makes the platform misbehave. No guard, fault or delay stands before these. */
export function controlRoutes(app: App, platform: Platform): void {
  const { state, faults, provisioner, tokenFiles } = platform;

  app.post(
    "/emulator/workspaces/:id/rotate",
    {
      schema: {
        summary: "Rotate the token",
        description:
          "Revokes all live tokens, then issues one. With a file it goes there and not into the answer.",
        tags,
        params: IdParams,
        body: RotateBody,
        response: { 200: Done("Rotated."), 400: invalid, 403: foreign },
      },
      preValidation: noneIsEmpty,
      preHandler: checkId,
    },
    async (request, reply) => {
      const { id } = request.params;
      const { known_file: toKnown, delay_ms: delayMs = 0, mode } = request.body;
      const file = request.body.file ?? (toKnown && tokenFiles.get(id));
      if (toKnown && file === undefined) {
        return reply.code(400).send({ error: "known_file: no file is known for this workspace" });
      }
      const problem = file === undefined || toKnown ? null : await problemWithFile(file);
      if (problem) return reply.code(400).send({ error: `file: ${problem}` });
      const token = state.rotate(id);
      if (file === undefined) return { status: "rotated", auth_token: token };
      tokenFiles.set(id, file);
      provisioner.schedule(id, token, { file, delayMs, mode: modeNumber(mode) });
      return { status: "rotated", file, delay_ms: delayMs };
    },
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

/** Over HTTP a caller gets to write one kind of file only, so that a control is no way to write any other. */
async function problemWithFile(file: string): Promise<string | null> {
  if (basename(file) !== ".auth_token") return "only a file named .auth_token can be written";
  if (!isAbsolute(file)) return "an absolute path is needed";
  const directory = await stat(dirname(file)).catch(() => null);
  return directory?.isDirectory() ? null : "its directory does not exist";
}

function modeNumber(mode: string | number | undefined): number | undefined {
  return typeof mode === "string" ? Number.parseInt(mode, 8) : mode;
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
