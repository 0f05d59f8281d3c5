import { randomUUID } from "node:crypto";
import type { App, Platform } from "../app.ts";
import { delegate, findDelegation, recordDelegation, updateDelegation } from "../delegating.ts";
import { newestDelegations } from "../delegations.ts";
import { Broken, Failure, IdParams } from "../schemas/base.ts";
import {
  Delegate,
  Delegated,
  DelegationParams,
  Delegations,
  DelegationUpdate,
  RecordDelegation,
} from "../schemas/delegations.ts";
import { canonicalId, parseUuid } from "../uuid.ts";
import { idOf } from "./params.ts";

const unauthorized = Failure("No bearer, or not a live token of this workspace.");
const invalid = Failure("The missing or invalid field.");
const common = { tags: ["workspaces"], security: [{ bearer: [] }] };
const NO_TARGET = { error: "target_id must be a valid UUID" };
const NOT_TO_ONESELF = {
  error: "self-delegation not permitted",
  reason: "the source workspace and target workspace are the same; you cannot delegate a task to yourself",
  hint: "do the work yourself, or pick a different peer via list_peers — retrying with the same target_id will fail every time",
};
const UNTRACKED = { warning: "delegation dispatched but status tracking unavailable" };

/** Tasks that a workspace delegates to another one. */
export function delegationRoutes(app: App, platform: Platform): void {
  const { state, authGuard } = platform;

  app.get(
    "/workspaces/:id/delegations",
    {
      schema: {
        ...common,
        summary: "Recent delegations",
        description: "One delegation may have several rows, and a row may lack its delegation_id.",
        params: IdParams,
        response: { 200: Delegations, 401: unauthorized },
      },
      onRequest: async (request, reply) => authGuard.workspace(request, reply, idOf(request)),
    },
    async (request) => newestDelegations(state.activity.of(idOf(request))),
  );

  app.post(
    "/workspaces/:id/delegate",
    {
      config: { invalidBody: "invalid delegation request" },
      schema: {
        ...common,
        summary: "Delegate a task to another workspace",
        params: IdParams,
        body: Delegate,
        response: { 200: Delegated, 202: Delegated, 400: invalid, 401: unauthorized },
      },
      onRequest: async (request, reply) => authGuard.workspace(request, reply, idOf(request)),
    },
    async (request, reply) => {
      const { target_id, task, idempotency_key: key = "" } = request.body;
      const sourceId = idOf(request);
      const targetId = parseUuid(target_id);
      if (targetId === null) return reply.code(400).send(NO_TARGET);
      if (targetId === sourceId) return reply.code(400).send(NOT_TO_ONESELF);
      const known = key === "" ? undefined : findDelegation(platform, sourceId, key);
      if (known) return { ...known, idempotent_hit: true };
      const id = randomUUID();
      const isTracked = delegate(platform, { id, sourceId, targetId, target: target_id, task, key });
      return reply
        .code(202)
        .send({ delegation_id: id, status: "delegated", target_id, ...(!isTracked && UNTRACKED) });
    },
  );

  app.post(
    "/workspaces/:id/delegations/record",
    {
      schema: {
        ...common,
        summary: "Record a task that the agent delegated directly",
        params: IdParams,
        body: RecordDelegation,
        response: { 202: Delegated, 400: invalid, 401: unauthorized, 500: Broken },
      },
      onRequest: async (request, reply) => authGuard.workspace(request, reply, idOf(request)),
    },
    async (request, reply) => {
      const { target_id, task, delegation_id: id } = request.body;
      const targetId = parseUuid(target_id);
      if (targetId === null) return reply.code(400).send(NO_TARGET);
      const given = { id, sourceId: idOf(request), targetId, target: target_id, task };
      if (!recordDelegation(platform, given, "dispatched")) {
        return reply.code(500).send({ error: "failed to record delegation" });
      }
      return reply.code(202).send({ delegation_id: id, status: "recorded" });
    },
  );

  app.post(
    "/workspaces/:id/delegations/:delegationId/update",
    {
      schema: {
        ...common,
        summary: "Report a task's result",
        params: DelegationParams,
        body: DelegationUpdate,
        response: { 200: Delegated, 400: invalid, 401: unauthorized },
      },
      onRequest: async (request, reply) => authGuard.workspace(request, reply, idOf(request)),
    },
    async (request, reply) => {
      const { status, error = "", response_preview: preview = "" } = request.body;
      const { delegationId } = request.params;
      if (status !== "completed" && status !== "failed") {
        return reply.code(400).send({ error: "status must be 'completed' or 'failed'" });
      }
      updateDelegation(platform, {
        id: delegationId,
        sourceId: canonicalId(request.params.id),
        status,
        error,
        preview,
      });
      return { delegation_id: delegationId, status };
    },
  );
}
