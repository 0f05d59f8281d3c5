import type { FastifyReply, FastifyRequest } from "fastify";
import type { App, Platform } from "./app.ts";
import { readAuthorization } from "./authorization.ts";
import { withoutNulls } from "./json.ts";
import { isEmulatorRoute, pathOf, resetConnection } from "./request.ts";

/** Records every request on arrival, and its outcome. */
export function recordRequests(app: App, platform: Platform): void {
  const { recorder, clock } = platform;
  app.addHook("onRequest", async (request, reply) => {
    const { headers, method } = request;
    request.presented = readAuthorization(headers.authorization);
    if (!isEmulatorRoute(request)) {
      const { presented } = request;
      const authorization = presented && {
        scheme: presented.scheme,
        sha256: presented.digest.toString("hex"),
      };
      const record = recorder.open(
        { at: clock.now(), method, path: pathOf(request) },
        headers,
        authorization,
      );
      request.record = record;
      recorder.workspace(record, idIn(request.params, "id"));
      reply.raw.once("close", () => {
        attribute(request, platform);
        end(request, reply, platform);
      });
    }
    // The server parses JSON regardless of the content type; so no content type is ever rejected.
    request.raw.headers["content-type"] = "application/json";
  });
}

/** Records bodies and answers, and drops the answers that a fault loses. */
export function recordAnswers(app: App, { recorder }: Platform): void {
  app.addHook("preValidation", async (request) => {
    const { record, body } = request;
    if (!record) return;
    if (request.routeOptions.schema?.body !== undefined) request.body = withoutNulls(body);
    recorder.body(record, body);
    recorder.workspace(record, idIn(body, "workspace_id") ?? idIn(body, "id"));
  });
  app.addHook("onSend", async ({ record, fault, raw }, _reply, payload) => {
    if (record && typeof payload === "string") recorder.answer(record, payload);
    if (fault === "lose-response") resetConnection(raw);
  });
  app.addHook("onResponse", async ({ record, fault }, reply) => {
    if (!record || fault === "lose-response") return;
    record.status = reply.statusCode;
    record.outcome = "answered";
  });
}

/** Shows a request that is left unanswered. */
export function recordHanging(request: FastifyRequest, platform: Platform): void {
  attribute(request, platform);
  if (request.record) platform.feed.hanging(request.record);
}

/** If no body was read, the token identifies the workspace. */
function attribute({ record, presented }: FastifyRequest, { recorder, state }: Platform): void {
  if (record && presented) recorder.workspace(record, state.tokens.issuedTo(presented.digest) ?? null);
}

function end({ record, fault }: FastifyRequest, reply: FastifyReply, { feed }: Platform): void {
  if (!record) return;
  record.latencyMs = Math.round(reply.elapsedTime * 10) / 10;
  if (record.outcome === "waiting") record.outcome = outcomes[fault ?? "none"];
  feed.ended(record, fault);
}

/** The outcome of a request whose connection closed before its answer. */
const outcomes = {
  refuse: "reset",
  "lose-response": "lost",
  hang: "abandoned",
  status: "abandoned",
  none: "abandoned",
} as const;

function idIn(value: unknown, name: string): string | null {
  if (typeof value !== "object" || value === null) return null;
  const id: unknown = Reflect.get(value, name);
  return typeof id === "string" ? id : null;
}
