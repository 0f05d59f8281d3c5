import type { FastifyReply } from "fastify";
import type { Static } from "typebox";
import { reconcileCard } from "../agent-card.ts";
import { whatIsWrongWithUrl } from "../agent-url.ts";
import type { App, Platform } from "../app.ts";
import { hasNul } from "../json.ts";
import { bytesOf, MAX_PART_BYTES } from "../limits.ts";
import { checkRegistration, isMode, tooLarge, urlIn } from "../registration.ts";
import { Failure } from "../schemas/base.ts";
import {
  CardUpdated,
  HeartbeatAnswer,
  HeartbeatBody,
  RegisterBody,
  Registered,
  UpdateCardBody,
} from "../schemas/registry.ts";
import { canonicalId, parseUuid } from "../uuid.ts";
import type { Heartbeat } from "../workspace.ts";

const failures = {
  400: Failure("An invalid body."),
  401: Failure("The workspace has a live instance token, and the bearer is not one of its tokens."),
  413: Failure("An agent card or a heartbeat of more than 64 KiB, or a URL of more than 2,048 characters."),
  500: Failure(
    "The database rejected it: an id that is not a UUID, a NUL in a text, a number above 32 bits.",
  ),
};
/** The range of a 32-bit database column. */
const MAX_INT32 = 2 ** 31 - 1;
const MAX_SPEND = 1_000_000_000_000;

/** The runtimes' routes: register, heartbeat, update-card. */
export function registryRoutes(app: App, platform: Platform): void {
  const { contract, state, extras, authGuard, inboundSecretOf } = platform;
  const secretFor = (id: string) =>
    contract.version === "v1" ? {} : { platform_inbound_secret: inboundSecretOf(id) };

  app.post(
    "/registry/register",
    {
      schema: {
        summary: "Register a workspace",
        description:
          "An upsert: it revives an offline, paused or awaiting workspace, never a removed one. Without a delivery_mode, the mode is unchanged; a new workspace is push.",
        tags: ["registry"],
        body: RegisterBody,
        response: { 200: Registered, 403: Failure("A kind that cannot be registered."), ...failures },
      },
      preHandler: async (request, reply) => {
        const { id, delivery_mode: mode = "", kind = "" } = request.body;
        if (contract.pollMode && mode !== "" && !isMode(mode)) {
          return reply.code(400).send({ error: "delivery_mode must be 'push' or 'poll'" });
        }
        if (kind !== "" && kind !== "workspace" && kind !== "platform") {
          return reply.code(400).send({ error: "kind must be 'workspace' or 'platform'" });
        }
        return authGuard.registry(request, reply, canonicalId(id));
      },
    },
    async (request, reply) => {
      const id = canonicalId(request.body.id);
      const before = state.get(id);
      const checked = await checkRegistration(request.body, before, platform);
      if ("error" in checked) {
        state.registerFailed(id);
        return reply.code(checked.status).send({ error: checked.error });
      }
      const { deliveryMode, url } = checked;
      const agentCard = before ? reconcileCard(request.body.agent_card, before) : request.body.agent_card;
      const { token } = state.register(id, {
        url,
        agentCard,
        deliveryMode,
      });
      return {
        status: "registered",
        ...(contract.pollMode && { delivery_mode: deliveryMode }),
        ...(token !== null && { auth_token: token }),
        ...secretFor(id),
        ...extras.take(id, "other"),
      };
    },
  );

  app.post(
    "/registry/heartbeat",
    {
      schema: {
        summary: "Send a heartbeat",
        description: "Extends the liveness of a registered workspace and overwrites its reported state.",
        tags: ["registry"],
        body: HeartbeatBody,
        response: { 200: HeartbeatAnswer, ...failures },
      },
      preHandler: async (request, reply) =>
        authGuard.registry(request, reply, canonicalId(request.body.workspace_id)),
    },
    async (request, reply) => {
      const { workspace_id, sample_error, current_task, active_tasks, uptime_seconds } = request.body;
      const id = canonicalId(workspace_id);
      if (isMalformed(workspace_id, reply, platform)) return reply;
      if (bytesOf(request.body) > MAX_PART_BYTES) return reply.code(413).send(tooLarge("heartbeat"));
      const isTooBig = [active_tasks, uptime_seconds].some(
        (value = 0) => value > MAX_INT32 || value < ~MAX_INT32,
      );
      if (parseUuid(workspace_id) === null || isTooBig || hasNul([sample_error, current_task])) {
        return reply.code(500).send({ error: "failed to update" });
      }
      state.heartbeat(id, heartbeatOf(request.body));
      return { status: "ok", ...secretFor(id), ...extras.take(id, "heartbeat") };
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
      preHandler: async (request, reply) =>
        authGuard.registry(request, reply, canonicalId(request.body.workspace_id)),
    },
    async (request, reply) => {
      const { workspace_id, agent_card: agentCard } = request.body;
      const id = canonicalId(workspace_id);
      if (isMalformed(workspace_id, reply, platform)) return reply;
      const url = urlIn(agentCard);
      if (url !== "" && (await whatIsWrongWithUrl(url)) !== null) {
        return reply.code(400).send({ error: "workspace URL not allowed" });
      }
      if (bytesOf(agentCard) > MAX_PART_BYTES) return reply.code(413).send(tooLarge("agent_card"));
      if (parseUuid(workspace_id) === null || hasNul(agentCard)) {
        return reply.code(500).send({ error: "failed to update card" });
      }
      state.updateCard(id, agentCard);
      return { status: "updated", ...extras.take(id, "other") };
    },
  );
}

function heartbeatOf(body: Static<typeof HeartbeatBody>): Heartbeat {
  const isCard = body.agent_card !== undefined && body.agent_card !== null && !hasNul(body.agent_card);
  return {
    errorRate: body.error_rate ?? 0,
    sampleError: body.sample_error ?? "",
    activeTasks: body.active_tasks ?? 0,
    uptimeSeconds: body.uptime_seconds ?? 0,
    currentTask: body.current_task ?? "",
    monthlySpend: Math.min(Math.max(body.monthly_spend ?? 0, 0), MAX_SPEND),
    runtimeState: body.runtime_state ?? "",
    runtimeMetadata: body.runtime_metadata ?? null,
    ...(isCard && { agentCard: body.agent_card }),
    ...(body.loaded_mcp_tools && { loadedTools: body.loaded_mcp_tools.map((name) => name ?? "") }),
  };
}

/** Version 1 reports a malformed id; the current platform leaves it to the database. */
function isMalformed(id: string, reply: FastifyReply, { contract }: Platform): boolean {
  if (contract.version !== "v1" || parseUuid(id) !== null || hasNul(id)) return false;
  reply.code(400).send({ error: "invalid workspace ID" });
  return true;
}
