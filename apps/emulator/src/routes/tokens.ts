import type { App, Platform } from "../app.ts";
import { Failure, IdParams, TokenList, TokenMinted, TokenParams, TokenRevoked } from "../schemas.ts";
import { iso } from "./workspaces.ts";

/** How many live tokens the platform gives one workspace. */
const MAX_LIVE = 50;

const unauthorized = Failure("No bearer, or not a live token of this workspace.");
const security = [{ bearer: [] }];

/** Token management by the workspace itself. */
export function tokenRoutes(app: App, { state, authGuard }: Platform): void {
  app.get(
    "/workspaces/:id/tokens",
    {
      schema: {
        summary: "List the live tokens",
        tags: ["tokens"],
        security,
        params: IdParams,
        response: { 200: TokenList, 401: unauthorized },
      },
      onRequest: async (request, reply) => authGuard.workspace(request, reply, request.params.id),
    },
    async (request) => {
      const newestFirst = [...state.tokens.live(request.params.id)].reverse();
      const tokens = newestFirst.map(({ id, prefix, createdAt, lastUsedAt }) => ({
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
        summary: "Mint another token",
        tags: ["tokens"],
        security,
        params: IdParams,
        response: { 201: TokenMinted, 401: unauthorized, 429: Failure("Too many live tokens.") },
      },
      onRequest: async (request, reply) => authGuard.workspace(request, reply, request.params.id),
    },
    async (request, reply) => {
      const { id } = request.params;
      if (state.tokens.live(id).length >= MAX_LIVE) {
        return reply.code(429).send({ error: `maximum ${MAX_LIVE} active tokens per workspace` });
      }
      return reply.code(201).send({
        auth_token: state.issue(id),
        workspace_id: id,
        message: "Keep this token: it is not shown again.",
      });
    },
  );

  app.delete(
    "/workspaces/:id/tokens/:tokenId",
    {
      schema: {
        summary: "Revoke a token",
        tags: ["tokens"],
        security,
        params: TokenParams,
        response: { 200: TokenRevoked, 401: unauthorized, 404: Failure("No such live token.") },
      },
      onRequest: async (request, reply) => authGuard.workspace(request, reply, request.params.id),
    },
    async (request, reply) => {
      const { id, tokenId } = request.params;
      if (!state.revoke(id, tokenId)) {
        return reply.code(404).send({ error: "token not found or already revoked" });
      }
      return { status: "revoked" };
    },
  );
}
