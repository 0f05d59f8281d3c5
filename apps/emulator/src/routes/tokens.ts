import type { FastifyReply } from "fastify";
import type { App, Platform } from "../app.ts";
import { connectionOf } from "../creating.ts";
import { Broken, Failure, IdParams, TokenParams, TokensQuery } from "../schemas/base.ts";
import { Rotation, Status, TokenList, TokenMinted, TokenRevoked } from "../schemas/workspaces.ts";
import { parseUuid } from "../uuid.ts";
import { baseUrlOf, hasUuid, idOf } from "./params.ts";
import { iso } from "./workspaces.ts";

/** The platform's limit of live tokens per workspace. */
const MAX_LIVE = 50;
/** How many tokens one answer lists by default. */
const PAGE = 50;
const MAX_PAGE = 200;
const NOT_FOUND = { error: "workspace not found" };
const MALFORMED = { error: "invalid workspace id" };

const unauthorized = Failure("No bearer, or not a live token of this workspace.");
const notAdmin = Failure("No bearer, or not the operator's.");
const malformed = Failure("The workspace id is not a UUID.");
const tooMany = Failure("Too many live tokens.");
const security = [{ bearer: [] }];
const own = { tags: ["tokens"], security };
const operator = { tags: ["operator"], security };

/** Token management, by the workspace itself and by the operator. */
export function tokenRoutes(app: App, platform: Platform): void {
  const { state, authGuard, apiTokensSurvive } = platform;

  app.get(
    "/workspaces/:id/tokens",
    {
      schema: {
        ...own,
        summary: "List the live tokens",
        params: IdParams,
        querystring: TokensQuery,
        response: { 200: TokenList, 400: malformed, 401: unauthorized },
      },
      onRequest: async (request, reply) => authGuard.workspace(request, reply, idOf(request)),
    },
    async (request, reply) => {
      if (!hasUuid(request)) return reply.code(400).send(MALFORMED);
      const newestFirst = [...state.tokens.live(idOf(request))].reverse();
      const offset = wholeIn(request.query.offset) ?? 0;
      const limit = wholeIn(request.query.limit) ?? 0;
      const page = newestFirst.slice(offset, offset + (limit > 0 && limit <= MAX_PAGE ? limit : PAGE));
      const tokens = page.map(({ id, prefix, createdAt, lastUsedAt }) => ({
        id,
        prefix,
        created_at: iso(createdAt),
        last_used_at: iso(lastUsedAt),
      }));
      return { tokens, count: tokens.length };
    },
  );

  app.post(
    "/workspaces/:id/tokens",
    {
      schema: {
        ...own,
        summary: "Mint an additional API token",
        params: IdParams,
        response: { 201: TokenMinted, 400: malformed, 401: unauthorized, 429: tooMany },
      },
      onRequest: async (request, reply) => authGuard.workspace(request, reply, idOf(request)),
    },
    async (request, reply) =>
      hasUuid(request) ? mint(reply, idOf(request), platform) : reply.code(400).send(MALFORMED),
  );

  app.delete(
    "/workspaces/:id/tokens/:tokenId",
    {
      schema: {
        ...own,
        summary: "Revoke a token",
        params: TokenParams,
        response: {
          200: TokenRevoked,
          400: malformed,
          401: unauthorized,
          404: Failure("No such live token."),
          500: Broken,
        },
      },
      onRequest: async (request, reply) => authGuard.workspace(request, reply, idOf(request)),
    },
    async (request, reply) => {
      if (!hasUuid(request)) return reply.code(400).send(MALFORMED);
      const tokenId = parseUuid(request.params.tokenId);
      if (tokenId === null) return reply.code(500).send({ error: "failed to revoke token" });
      if (!state.revoke(idOf(request), tokenId)) {
        return reply.code(404).send({ error: "token not found or already revoked" });
      }
      return { status: "revoked" };
    },
  );

  app.post(
    "/workspaces/:id/external/rotate",
    {
      schema: {
        ...own,
        summary: "Replace all tokens of an external workspace with a new one",
        params: IdParams,
        response: {
          200: Rotation,
          400: Failure("Not an external workspace."),
          401: unauthorized,
          404: Failure("No such workspace."),
          500: Broken,
        },
      },
      onRequest: async (request, reply) => authGuard.workspace(request, reply, idOf(request)),
    },
    async (request, reply) => {
      if (!hasUuid(request)) return reply.code(500).send({ error: "lookup failed" });
      const workspace = state.get(idOf(request));
      if (!workspace) return reply.code(404).send(NOT_FOUND);
      const { id, runtime } = workspace;
      if (runtime !== "external") {
        return reply.code(400).send({
          error: "rotate is only valid for external/BYO-compute workspaces",
          runtime,
          hint: "use POST /workspaces/:id/restart for container-backed runtimes",
        });
      }
      const token = state.rotate(id, apiTokensSurvive ? "instance" : undefined);
      return { connection: connectionOf(id, token, baseUrlOf(request)) };
    },
  );

  app.post(
    "/admin/workspaces/:id/tokens",
    {
      schema: {
        ...operator,
        summary: "Mint an API token for a workspace",
        params: IdParams,
        response: {
          201: TokenMinted,
          400: malformed,
          401: notAdmin,
          404: Failure("No such workspace."),
          429: tooMany,
        },
      },
      onRequest: async (request, reply) => authGuard.admin(request, reply),
    },
    async (request, reply) => {
      if (!hasUuid(request)) return reply.code(400).send(MALFORMED);
      const workspace = state.get(idOf(request));
      if (!workspace || workspace.status === "removed") return reply.code(404).send(NOT_FOUND);
      return mint(reply, workspace.id, platform);
    },
  );

  app.post(
    "/admin/workspaces/:id/revoke-auth-tokens",
    {
      schema: {
        ...operator,
        summary: "Revoke every token of a workspace",
        params: IdParams,
        response: { 200: Status("revoked"), 401: notAdmin, 500: Broken },
      },
      onRequest: async (request, reply) => authGuard.admin(request, reply),
    },
    async (request, reply) => {
      if (!hasUuid(request)) return reply.code(500).send({ error: "revoke failed" });
      const id = idOf(request);
      state.revokeAll(id);
      return { status: "revoked", workspace_id: id };
    },
  );
}

function mint(reply: FastifyReply, id: string, { state }: Platform): FastifyReply {
  if (state.tokens.live(id).length >= MAX_LIVE) {
    return reply.code(429).send({ error: `maximum ${MAX_LIVE} active tokens per workspace` });
  }
  if (!state.has(id)) return reply.code(500).send({ error: "failed to create token" });
  return reply.code(201).send({
    auth_token: state.issue(id, "api"),
    workspace_id: id,
    message: "Save this token now — it cannot be retrieved again.",
  });
}

/** Anything but a whole number counts as not given. */
const wholeIn = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined;
