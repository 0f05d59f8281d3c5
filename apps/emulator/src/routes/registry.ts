import type { FastifyRequest } from "fastify";
import type { Static } from "typebox";
import type { App, Platform } from "../app.ts";
import { WORKSPACE_ID } from "../contract.ts";
import {
  Beaten,
  CardUpdated,
  Failure,
  HeartbeatBody,
  RegisterBody,
  Registered,
  UpdateCardBody,
} from "../schemas.ts";
import type { Beat } from "../workspace.ts";

const INVALID_BODY = { error: "invalid request body" };
const INVALID_ID = { error: "invalid workspace ID" };
const failures = {
  400: Failure("Not what the route takes."),
  401: Failure("The workspace has live tokens, and this was none of them."),
  500: Failure("The database refused, for example a NUL in a text."),
};

/** What the agents' runtimes call: register, heartbeat, update-card. */
export function registryRoutes(app: App, platform: Platform): void {
  const { contract, state, extras, gate } = platform;

  app.post(
    "/registry/register",
    {
      schema: {
        summary: "Register a workspace",
        description: "An upsert: it revives an offline workspace, never a removed one.",
        tags: ["registry"],
        body: RegisterBody,
        response: { 200: Registered, ...failures },
      },
      preValidation: nullIsAbsent,
      preHandler: async (request, reply) => gate.registry(request, reply, request.body.id),
    },
    async (request, reply) => {
      const { id, url = "", agent_card: agentCard } = request.body;
      const mode = contract.pollMode ? (request.body.delivery_mode ?? "") : "";
      if (isMalformedId(id)) return reply.code(400).send(INVALID_ID);
      if (url === "" && !contract.pollMode) return reply.code(400).send(INVALID_BODY);
      if (mode !== "" && mode !== "push" && mode !== "poll") {
        return reply.code(400).send({ error: 'delivery_mode must be "push" or "poll"' });
      }
      const deliveryMode = mode || state.get(id)?.deliveryMode || "push";
      if (url === "" && deliveryMode === "push") {
        return reply.code(400).send({ error: "url is required for push delivery" });
      }
      if (url !== "" && !isHttpUrl(url)) {
        return reply.code(400).send({ error: "url must be an http or https URL" });
      }
      if (hasNul([id, url, agentCard])) return reply.code(500).send({ error: "registration failed" });
      const { token } = state.register(id, { url, agentCard, deliveryMode });
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
        response: { 200: Beaten, ...failures },
      },
      preValidation: nullIsAbsent,
      preHandler: async (request, reply) => gate.registry(request, reply, request.body.workspace_id),
    },
    async (request, reply) => {
      const { workspace_id: id, sample_error, current_task } = request.body;
      if (isMalformedId(id)) return reply.code(400).send(INVALID_ID);
      if (hasNul([id, sample_error, current_task])) {
        return reply.code(500).send({ error: "failed to update" });
      }
      state.beat(id, beatOf(request.body));
      return { status: "ok", ...extras.take(id, "beat") };
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
      preHandler: async (request, reply) => gate.registry(request, reply, request.body.workspace_id),
    },
    async (request, reply) => {
      const { workspace_id: id, agent_card: agentCard } = request.body;
      if (isMalformedId(id)) return reply.code(400).send(INVALID_ID);
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

function beatOf(body: Static<typeof HeartbeatBody>): Beat {
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

/** An id with a NUL is left to the database, which refuses it in its own way. */
function isMalformedId(id: string): boolean {
  return !WORKSPACE_ID.test(id) && !hasNul(id);
}

function isHttpUrl(url: string): boolean {
  return URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);
}

/** Postgres keeps no NUL, neither in text nor in JSON. */
function hasNul(value: unknown): boolean {
  if (typeof value === "string") return value.includes("\0");
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(value).some(([key, item]) => hasNul(key) || hasNul(item));
}
