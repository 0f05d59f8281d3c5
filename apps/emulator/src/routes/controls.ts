import type { Static } from "typebox";
import type { App, Platform } from "../app.ts";
import type { Fault } from "../faults.ts";
import { Failure } from "../schemas/base.ts";
import { Done, EmptyBody, LatencyBody, OutageBody, TimeBody } from "../schemas/controls.ts";
import { emptyBody } from "./params.ts";
import { iso } from "./workspaces.ts";

const tags = ["controls"];
const invalid = Failure("The invalid field, and why.");
const foreign = Failure("The request came from another origin.");

/** Controls for the platform as a whole. No guard, fault or delay applies to them. */
export function controlRoutes(app: App, platform: Platform): void {
  const { state, faults, clock } = platform;

  app.post(
    "/emulator/outage",
    {
      schema: {
        summary: "Start or end an outage",
        description:
          "Kind null ends it. Kind status needs a status; 401, 429, 503 and 530 have the platform's usual bodies.",
        tags,
        body: OutageBody,
        response: { 200: Done("Applied."), 400: invalid, 403: foreign },
      },
    },
    async (request, reply) => {
      const { kind, status, for_requests: forRequests, paths } = request.body;
      if (kind === "status" && status === undefined) {
        return reply.code(400).send({ error: "status: required with kind status" });
      }
      faults.set(faultOf(request.body), { ...(forRequests && { forRequests }), ...(paths && { paths }) });
      return { status: kind === null ? "well" : "failing" };
    },
  );

  app.post(
    "/emulator/latency",
    {
      schema: {
        summary: "Delay every answer",
        tags,
        body: LatencyBody,
        response: { 200: Done("Applied."), 400: invalid, 403: foreign },
      },
    },
    async (request) => {
      faults.setLatency(request.body.ms);
      return { status: "set", ms: request.body.ms };
    },
  );

  app.post(
    "/emulator/reset",
    {
      schema: {
        summary: "Delete all workspaces and tokens",
        description: "Like a database reset. Outage and latency stay.",
        tags,
        body: EmptyBody,
        response: { 200: Done("Deleted."), 400: invalid, 403: foreign },
      },
      preValidation: emptyBody,
    },
    async () => {
      state.reset();
      return { status: "reset" };
    },
  );

  app.post(
    "/emulator/time",
    {
      schema: {
        summary: "Move the platform's clock forward",
        description: "Liveness, rate limit and timestamps follow it; connections and delays do not.",
        tags,
        body: TimeBody,
        response: { 200: Done("Advanced."), 400: invalid, 403: foreign },
      },
    },
    async (request) => {
      clock.advance(request.body.advance_seconds * 1000);
      return { status: "advanced", now: iso(clock.now()) };
    },
  );
}

function faultOf({ kind, status = 500, retry_after_seconds, body }: Static<typeof OutageBody>): Fault | null {
  if (kind !== "status") return kind === null ? null : { kind };
  return {
    kind,
    status,
    ...(retry_after_seconds !== undefined && { retryAfterSeconds: retry_after_seconds }),
    ...(body !== undefined && { body }),
  };
}
