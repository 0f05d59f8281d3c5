import type { FastifyReply, FastifyRequest } from "fastify";
import type { App, Platform } from "../app.ts";
import { canCommunicate, peersOf } from "../hierarchy.ts";
import { answer, Broken, Failure, IdParams } from "../schemas/base.ts";
import { AccessAnswer, AccessQuestion, Peers, PeersQuery } from "../schemas/registry.ts";
import { canonicalId } from "../uuid.ts";
import type { Workspace } from "../workspace.ts";
import { hasUuid, headerOf, idOf } from "./params.ts";

const unauthorized = Failure("No bearer, or not a live token of the calling workspace.");
const security = [{ bearer: [] }];
const NOT_FOUND = { error: "workspace not found" };

/** The workspaces that a workspace may message, and their URLs. */
export function discoveryRoutes(app: App, { state, authGuard }: Platform): void {
  const asks = (request: FastifyRequest, reply: FastifyReply, workspaceId: string) =>
    authGuard.isAdmin(request)
      ? undefined
      : authGuard.known(request, reply, { workspaceId, whose: "workspace" });

  app.get(
    "/registry/:id/peers",
    {
      schema: {
        summary: "The workspaces that a workspace may message",
        tags: ["registry"],
        security,
        params: IdParams,
        querystring: PeersQuery,
        response: { 200: Peers, 401: unauthorized, 404: Failure("No such workspace."), 500: Broken },
      },
      onRequest: async (request, reply) => asks(request, reply, idOf(request)),
    },
    async (request, reply) => {
      const workspace = state.get(idOf(request));
      if (!hasUuid(request)) return reply.code(500).send({ error: "lookup failed" });
      if (!workspace) return reply.code(404).send(NOT_FOUND);
      const wanted = (request.query.q ?? "").trim().toLowerCase();
      const isWanted = ({ name, role }: Workspace) =>
        [name, role ?? ""].some((text) => text.toLowerCase().includes(wanted));
      return peersOf(state, workspace).filter(isWanted).map(peerOf);
    },
  );

  app.get(
    "/registry/discover/:id",
    {
      schema: {
        summary: "The URL of another workspace",
        tags: ["registry"],
        security,
        params: IdParams,
        response: {
          200: answer("Its URL, for agents on the same network."),
          400: Failure("X-Workspace-ID is missing or invalid."),
          401: unauthorized,
          403: Failure("The workspaces are neither related by descent nor siblings."),
          404: Failure("No such workspace."),
          503: Failure("It is not available."),
        },
      },
      onRequest: async (request, reply) => {
        const caller = headerOf(request, "x-workspace-id");
        if (caller === "") return reply.code(400).send({ error: "X-Workspace-ID header is required" });
        return asks(request, reply, canonicalId(caller));
      },
    },
    async (request, reply) => {
      const caller = canonicalId(headerOf(request, "x-workspace-id"));
      const id = idOf(request);
      if (!canCommunicate(state, caller, id)) {
        return reply.code(403).send({ error: "not authorized to discover this workspace" });
      }
      const target = state.get(id);
      if (!target) return reply.code(404).send(NOT_FOUND);
      const { name, status } = target;
      const url = urlFor(target, state.get(caller));
      if (url !== "") return { id, url, name };
      return reply.code(503).send({ error: "workspace not available", status });
    },
  );

  app.post(
    "/registry/check-access",
    {
      schema: {
        summary: "Whether one workspace may message another",
        tags: ["registry"],
        body: AccessQuestion,
        response: { 200: AccessAnswer, 400: Failure("An id is missing.") },
      },
    },
    async ({ body }) => ({
      allowed: canCommunicate(state, canonicalId(body.caller_id), canonicalId(body.target_id)),
    }),
  );
}

/** A workspace's URL for agents on the same network; empty if it is unavailable. */
function urlFor({ id, runtime, status, url }: Workspace, caller: Workspace | undefined): string {
  const isOutside = caller?.runtime === "external";
  if (runtime === "external" && url !== "") {
    return isOutside ? url : url.replace("127.0.0.1", DOCKER_HOST).replace("localhost", DOCKER_HOST);
  }
  if (url !== "") return url;
  return status === "online" || status === "degraded" ? `http://ws-${id.slice(0, 12)}:8000` : "";
}

const DOCKER_HOST = "host.docker.internal";

function peerOf(peer: Workspace) {
  return {
    id: peer.id,
    name: peer.name,
    role: peer.role,
    tier: peer.tier,
    status: peer.status,
    agent_card: peer.agentCard,
    url: peer.url,
    parent_id: peer.parentId,
    active_tasks: peer.activeTasks,
  };
}
