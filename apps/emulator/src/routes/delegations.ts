import type { App, Platform } from "../app.ts";
import { Delegations, Failure, IdParams } from "../schemas.ts";

/** What was delegated to and by a workspace. */
export function delegationRoutes(app: App, { state, authGuard }: Platform): void {
  app.get(
    "/workspaces/:id/delegations",
    {
      schema: {
        summary: "Recent delegations",
        description: "One delegation may have two rows, and a row may lack its delegation_id.",
        tags: ["workspaces"],
        security: [{ bearer: [] }],
        params: IdParams,
        response: { 200: Delegations, 401: Failure("No bearer, or not a live token of this workspace.") },
      },
      onRequest: async (request, reply) => authGuard.workspace(request, reply, request.params.id),
    },
    async (request) => state.delegations.newest(request.params.id),
  );
}
