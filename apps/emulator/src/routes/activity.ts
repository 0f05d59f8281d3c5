import { selectActivity } from "../activity-query.ts";
import { peerInfo, reported, rowOf, said } from "../activity-rows.ts";
import type { App, Platform } from "../app.ts";
import { hasNul } from "../json.ts";
import { ActivityQuery, ActivityReport, ActivityRows, Notification } from "../schemas/activity.ts";
import { Broken, Failure, IdParams } from "../schemas/base.ts";
import { Status } from "../schemas/workspaces.ts";
import { canonicalId, parseUuid } from "../uuid.ts";
import { baseUrlOf, hasUuid, idOf, respond } from "./params.ts";

const unauthorized = Failure("No bearer, or not a live token of this workspace.");
const security = [{ bearer: [] }];
const TYPES = [
  "a2a_send",
  "a2a_receive",
  "task_update",
  "agent_log",
  "skill_promotion",
  "memory_write",
  "error",
];

/** A workspace's activity: its inbox, its messages, and its reports. */
export function activityRoutes(app: App, platform: Platform): void {
  const { state, clock, authGuard } = platform;

  app.get(
    "/workspaces/:id/activity",
    {
      schema: {
        summary: "A workspace's activity, and the inbox of a polling agent",
        description:
          "Newest first; with since_id oldest first, strictly after that row. Reading does not remove rows.",
        tags: ["workspaces"],
        security,
        params: IdParams,
        querystring: ActivityQuery,
        response: {
          200: ActivityRows,
          400: Failure("An invalid parameter."),
          401: unauthorized,
          410: Failure("The row that since_id names is gone: start again without it."),
          500: Failure("The workspace id or since_id is not a UUID."),
        },
      },
      onRequest: async (request, reply) => authGuard.workspace(request, reply, idOf(request)),
    },
    async (request, reply) => {
      if (!hasUuid(request)) return reply.code(500).send({ error: "query failed" });
      const selected = selectActivity(state.activity.of(idOf(request)), request.query, clock.now());
      if ("error" in selected) {
        return respond(reply, { status: selected.status, body: { error: selected.error } });
      }
      const withPeers = (request.query.include ?? "").split(",").some((flag) => flag.trim() === "peer_info");
      return selected.rows.map((row) => ({
        ...rowOf(row),
        ...(withPeers && peerInfo(row, platform, baseUrlOf(request))),
      }));
    },
  );

  app.post(
    "/workspaces/:id/activity",
    {
      schema: {
        summary: "Report an activity",
        tags: ["workspaces"],
        security,
        params: IdParams,
        body: ActivityReport,
        response: {
          200: Status("logged"),
          400: Failure("An unknown type."),
          401: unauthorized,
          403: Failure("In another workspace's name."),
        },
      },
      onRequest: async (request, reply) => authGuard.workspace(request, reply, idOf(request)),
    },
    async (request, reply) => {
      const id = idOf(request);
      const { body } = request;
      if (!TYPES.includes(body.activity_type)) {
        return reply.code(400).send({ error: `invalid activity_type, must be one of: ${TYPES.join(", ")}` });
      }
      if (body.source_id && canonicalId(body.source_id) !== id) {
        return reply.code(403).send({ error: "source_id must match authenticated workspace" });
      }
      const isKept =
        state.has(id) && !hasNul(body) && (!body.target_id || parseUuid(body.target_id) !== null);
      // If the database rejects it, it is lost without an error.
      if (isKept) state.activity.add(reported(id, body), clock.now());
      return { status: "logged" };
    },
  );

  app.post(
    "/workspaces/:id/notify",
    {
      config: { invalidBody: "message is required" },
      schema: {
        summary: "Send a message to the person",
        description: "It appears in the workspace's own activity.",
        tags: ["workspaces"],
        security,
        params: IdParams,
        body: Notification,
        response: {
          200: Status("sent"),
          400: Failure("No message."),
          401: unauthorized,
          404: Failure("No such workspace."),
          500: Broken,
        },
      },
      onRequest: async (request, reply) => authGuard.workspace(request, reply, idOf(request)),
    },
    async (request, reply) => {
      const id = idOf(request);
      const { message, attachments } = request.body;
      const faulty = (attachments ?? []).findIndex(({ uri, name }) => !uri || !name);
      if (faulty >= 0) {
        return reply.code(400).send({ error: `attachment[${faulty}]: uri and name are required` });
      }
      if (!hasUuid(request)) return reply.code(500).send({ error: "internal error" });
      const workspace = state.get(id);
      if (!workspace || workspace.status === "removed") {
        return reply.code(404).send({ error: "workspace not found" });
      }
      if (!hasNul(message)) state.activity.add(said(id, message, attachments ?? []), clock.now());
      return { status: "sent" };
    },
  );
}
