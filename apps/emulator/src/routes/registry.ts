import type { FastifyRequest } from "fastify";
import type { Static } from "typebox";
import type { App, Platform } from "../app.ts";
import { WORKSPACE_ID } from "../contract.ts";
import { bytesOf, MAX_PART_BYTES, MAX_URL_LENGTH } from "../limits.ts";
import {
  CardUpdated,
  Failure,
  HeartbeatAnswer,
  HeartbeatBody,
  RegisterBody,
  Registered,
  UpdateCardBody,
} from "../schemas.ts";
import type { Heartbeat } from "../workspace.ts";

const INVALID_BODY = { error: "invalid request body" };
const INVALID_ID = { error: "invalid workspace ID" };
const failures = {
  400: Failure("Not what the route takes."),
  401: Failure("The workspace has live tokens, and this was none of them."),
  413: Failure("An agent card or a heartbeat of more than 64 KiB, or a URL of more than 2,048 characters."),
  500: Failure("The database rejected it, for example a NUL in a text."),
};

/** What the agents' runtimes call: register, heartbeat, update-card. */
export function registryRoutes(app: App, platform: Platform): void {
  const { contract, state, extras, authGuard } = platform;

  app.post(
    "/registry/register",
    {
      schema: {
        summary: "Register a workspace",
        description:
          "An upsert: it revives an offline workspace, never a removed one. Without a delivery_mode the mode stays what it is; a new workspace is push.",
        tags: ["registry"],
        body: RegisterBody,
        response: { 200: Registered, ...failures },
      },
      preValidation: nullIsAbsent,
      preHandler: async (request, reply) => authGuard.registry(request, reply, request.body.id),
    },
    async (request, reply) => {
      const { id, url = "", agent_card: agentCard } = request.body;
      const mode = contract.pollMode ? (request.body.delivery_mode ?? "") : "";
      if (isMalformedId(id)) return reply.code(400).send(INVALID_ID);
      if (url === "" && !contract.pollMode) return reply.code(400).send(INVALID_BODY);
      if (mode !== "" && mode !== "push" && mode !== "poll") {
        return reply.code(400).send({ error: "delivery_mode must be 'push' or 'poll'" });
      }
      const deliveryMode = mode || state.get(id)?.deliveryMode || "push";
      if (url === "" && deliveryMode === "push") {
        return reply.code(400).send({ error: "url is required for push-mode workspaces" });
      }
      if (url.length > MAX_URL_LENGTH) return reply.code(413).send(tooLarge("url", MAX_URL_LENGTH));
      const scheme = schemeOf(url);
      if (url !== "" && scheme !== "http" && scheme !== "https") {
        return reply.code(400).send({ error: `url scheme must be http or https, got "${scheme}"` });
      }
      if (url !== "" && !URL.canParse(url)) return reply.code(400).send({ error: "url is not a valid URL" });
      if (bytesOf(agentCard) > MAX_PART_BYTES) return reply.code(413).send(tooLarge("agent_card"));
      if (hasNul([id, url, agentCard])) return reply.code(500).send({ error: "registration failed" });
      // The platform calls no workspace that polls, and keeps no URL of it.
      const keptUrl = deliveryMode === "poll" ? "" : url;
      const { token } = state.register(id, { url: keptUrl, agentCard, deliveryMode });
      return {
        status: "registered",
        ...(contract.pollMode && { delivery_mode: deliveryMode }),
        ...(token !== null && { auth_token: token }),
        ...extras.take(id, "other"),
      };
    },
  );

  app.post(
    "/registry/heartbeat",
    {
      schema: {
        summary: "A sign of life",
        description: "Prolongs the liveness of a registered workspace and overwrites what is known of it.",
        tags: ["registry"],
        body: HeartbeatBody,
        response: { 200: HeartbeatAnswer, ...failures },
      },
      preValidation: nullIsAbsent,
      preHandler: async (request, reply) => authGuard.registry(request, reply, request.body.workspace_id),
    },
    async (request, reply) => {
      const { workspace_id: id, sample_error, current_task } = request.body;
      if (isMalformedId(id)) return reply.code(400).send(INVALID_ID);
      if (bytesOf(request.body) > MAX_PART_BYTES) return reply.code(413).send(tooLarge("heartbeat"));
      if (hasNul([id, sample_error, current_task])) {
        return reply.code(500).send({ error: "failed to update" });
      }
      state.heartbeat(id, heartbeatOf(request.body));
      return { status: "ok", ...extras.take(id, "heartbeat") };
    },
  );

  app.post(
    "/registry/update-card",
    {
      schema: {
        summary: "Replace the agent card",
        tags: ["registry"],
        body: UpdateCardBody,
        response: { 200: CardUpdated, ...failures },
      },
      preValidation: nullIsAbsent,
      preHandler: async (request, reply) => authGuard.registry(request, reply, request.body.workspace_id),
    },
    async (request, reply) => {
      const { workspace_id: id, agent_card: agentCard } = request.body;
      if (isMalformedId(id)) return reply.code(400).send(INVALID_ID);
      if (bytesOf(agentCard) > MAX_PART_BYTES) return reply.code(413).send(tooLarge("agent_card"));
      if (hasNul([id, agentCard])) return reply.code(500).send({ error: "failed to update card" });
      state.updateCard(id, agentCard);
      return { status: "updated", ...extras.take(id, "other") };
    },
  );
}

/** The server decodes null into a field as if the field were not there; an agent card may be null. */
async function nullIsAbsent(request: FastifyRequest): Promise<void> {
  const { body } = request;
  if (typeof body !== "object" || body === null || Array.isArray(body)) return;
  request.body = Object.fromEntries(
    Object.entries(body).filter(([name, value]) => value !== null || name === "agent_card"),
  );
}

function heartbeatOf(body: Static<typeof HeartbeatBody>): Heartbeat {
  return {
    errorRate: body.error_rate ?? 0,
    sampleError: body.sample_error ?? "",
    activeTasks: body.active_tasks ?? 0,
    uptimeSeconds: body.uptime_seconds ?? 0,
    currentTask: body.current_task ?? "",
    monthlySpend: body.monthly_spend ?? 0,
    runtimeState: body.runtime_state ?? "",
    runtimeMetadata: body.runtime_metadata ?? null,
  };
}

/** An id with a NUL is left to the database, which rejects it in its own way. */
function isMalformedId(id: string): boolean {
  return !WORKSPACE_ID.test(id) && !hasNul(id);
}

const tooLarge = (what: string, max = MAX_PART_BYTES) => ({ error: `${what} is larger than ${max} bytes` });

/** What stands before the first colon; empty where that is no scheme, as Go's `url.Parse` has it. */
function schemeOf(url: string): string {
  return /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1]?.toLowerCase() ?? "";
}

/** Postgres keeps no NUL, neither in text nor in JSON. */
function hasNul(value: unknown): boolean {
  if (typeof value === "string") return value.includes("\0");
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(value).some(([key, item]) => hasNul(key) || hasNul(item));
}
