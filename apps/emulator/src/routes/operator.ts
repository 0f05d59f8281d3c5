import { randomUUID } from "node:crypto";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { App, Platform } from "../app.ts";
import { create, creationProblem } from "../creating.ts";
import { Broken, Failure, IdParams } from "../schemas/base.ts";
import { Created, CreateWorkspace, DeleteQuery, Removed, WorkspaceList } from "../schemas/operator.ts";
import type { Workspace } from "../workspace.ts";
import { baseUrlOf, hasUuid, headerOf, idOf, nameAndId, respond } from "./params.ts";
import { describeForOperator } from "./workspaces.ts";

const unauthorized = Failure("No bearer, or not the operator's token.");
const missing = Failure("No such workspace.");
const common = { tags: ["operator"], security: [{ bearer: [] }] };
const NOT_FOUND = { error: "workspace not found" };
const INVALID_PAYLOAD = "invalid workspace payload";

/** Workspace management by an operator. */
export function operatorRoutes(app: App, platform: Platform): void {
  const { state, authGuard } = platform;
  const admin = async (request: FastifyRequest, reply: FastifyReply) => authGuard.admin(request, reply);

  app.get(
    "/workspaces",
    {
      schema: { ...common, summary: "Every workspace", response: { 200: WorkspaceList, 401: unauthorized } },
      onRequest: admin,
    },
    async () =>
      state
        .all()
        .flatMap((workspace) => (workspace.status === "removed" ? [] : [describeForOperator(workspace)])),
  );

  app.post(
    "/workspaces",
    {
      config: { invalidBody: INVALID_PAYLOAD },
      schema: {
        ...common,
        summary: "Create a workspace for an external agent",
        description: "With external: true and no url it awaits its agent, and the answer contains its token.",
        body: CreateWorkspace,
        response: {
          201: Created,
          400: Failure("No name, or an invalid field."),
          401: unauthorized,
          422: Failure("An unavailable runtime, or one without a model."),
          500: Broken,
        },
      },
      onRequest: admin,
    },
    async (request, reply) => {
      const wrong = await creationProblem(request.body, platform);
      if (wrong) return respond(reply, wrong);
      const id = randomUUID();
      return reply.code(201).send(create(id, request.body, { platform, baseUrl: baseUrlOf(request) }));
    },
  );

  app.delete(
    "/workspaces/:id",
    {
      schema: {
        ...common,
        summary: "Remove a workspace and its descendants",
        description:
          "X-Confirm-Name must be the workspace's name; with children, ?confirm=true is required, too.",
        params: IdParams,
        querystring: DeleteQuery,
        response: {
          200: Removed,
          400: Failure("Not confirmed; the answer says how."),
          401: unauthorized,
          404: missing,
          409: Failure("It has children."),
          410: Failure("It was already removed."),
        },
      },
      onRequest: admin,
    },
    async (request, reply) => {
      if (!hasUuid(request)) return reply.code(400).send({ error: "invalid workspace ID" });
      const workspace = state.get(idOf(request));
      if (!workspace) return reply.code(404).send(NOT_FOUND);
      const { id, name } = workspace;
      if (workspace.status === "removed") return reply.code(410).send({ error: "workspace removed", id });
      const children = state.childrenOf(id);
      if (headerOf(request, "x-confirm-name") !== name) {
        return reply.code(400).send(confirmationFor(workspace, children.length));
      }
      if (children.length > 0 && request.query.confirm !== "true") {
        return reply.code(409).send({
          status: "confirmation_required",
          message: "This workspace has sub-workspaces. Delete with ?confirm=true to cascade delete.",
          children: children.map(nameAndId),
          children_count: children.length,
        });
      }
      const below = state.descendantsOf(id);
      for (const removed of [workspace, ...below]) state.remove(removed.id);
      return { status: "removed", cascade_deleted: below.length };
    },
  );
}

function confirmationFor({ name, activeTasks }: Workspace, childCount: number) {
  return {
    error: "destructive_action_requires_confirmation",
    hint: `Re-send the same request with header X-Confirm-Name: ${name}`,
    workspace_name: name,
    active_tasks: activeTasks,
    child_count: childCount,
    schedule_count: 0,
  };
}
