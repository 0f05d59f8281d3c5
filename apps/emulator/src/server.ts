import type { IncomingMessage } from "node:http";
import swagger from "@fastify/swagger";
import { type TypeBoxTypeProvider, TypeBoxValidatorCompiler } from "@fastify/type-provider-typebox";
import Fastify, { type FastifyReply, type FastifyRequest } from "fastify";
import type { App, Platform } from "./app.ts";
import { readAuthorization } from "./authorization.ts";
import { answerError, answerNotFound } from "./errors.ts";
import { injectFault } from "./fault-injection.ts";
import { corsGuard } from "./guards/cors.ts";
import { hostGuard, isSameOrigin } from "./guards/host.ts";
import { rateLimitGuard } from "./guards/rate-limit.ts";
import { tenantGuard } from "./guards/tenant.ts";
import { readJson } from "./json-body.ts";
import { isEmulatorRoute, pathOf, resetConnection } from "./request.ts";
import { a2aRoutes } from "./routes/a2a.ts";
import { controlRoutes } from "./routes/controls.ts";
import { dashboardRoutes } from "./routes/dashboard.ts";
import { delegationRoutes } from "./routes/delegations.ts";
import { inspectionRoutes } from "./routes/inspection.ts";
import { registryRoutes } from "./routes/registry.ts";
import { tokenRoutes } from "./routes/tokens.ts";
import { workspaceRoutes } from "./routes/workspaces.ts";

/** How long a client on the same machine may take to send its headers, and all of a request; then 408, and the connection goes. */
const HEADERS_TIMEOUT_MS = 5_000;
const REQUEST_TIMEOUT_MS = 10_000;

/** Builds the HTTP shell over a platform; it does not listen yet. */
export async function buildServer(platform: Platform, closing: AbortSignal): Promise<App> {
  const app: App = Fastify({
    // Requests that hang on purpose must not keep it open.
    forceCloseConnections: true,
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: 8_192 },
    // What is not even a URL reaches no hook and no route.
    frameworkErrors: (_error, _request, reply: FastifyReply) => {
      reply.code(400).type("text/plain").send("400 Bad Request");
    },
    requestTimeout: REQUEST_TIMEOUT_MS,
    http: {
      // As generous as the real server: a token may be longer than Node's own limit for all headers.
      maxHeaderSize: 1024 * 1024,
      headersTimeout: HEADERS_TIMEOUT_MS,
      connectionsCheckingInterval: 1_000,
    },
  }).withTypeProvider<TypeBoxTypeProvider>();

  app.setValidatorCompiler(TypeBoxValidatorCompiler);
  // The schemas of the answers are documentation: they must not drop what a test had merged into one.
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", (_request: FastifyRequest, payload: IncomingMessage) => readJson(payload));
  app.setErrorHandler(answerError);
  app.setNotFoundHandler(answerNotFound);
  app.decorateRequest("presented", null);
  app.decorateRequest("record", null);
  app.decorateRequest("loseResponse", false);

  // Before anything is recorded or changed.
  const host = hostGuard(platform.allowedHosts);
  app.addHook("onRequest", async (request, reply) => host(request, reply));
  recordRequests(app, platform);
  addGuards(app, platform, closing);
  recordAnswers(app, platform);
  await addOpenApi(app, platform);
  registryRoutes(app, platform);
  workspaceRoutes(app, platform);
  delegationRoutes(app, platform);
  tokenRoutes(app, platform);
  a2aRoutes(app, platform);
  controlRoutes(app, platform);
  inspectionRoutes(app, platform);
  await dashboardRoutes(app, platform);
  return app;
}

/** Records every request on arrival. */
function recordRequests(app: App, { recorder, clock }: Platform): void {
  app.addHook("onRequest", async (request) => {
    const { headers, method } = request;
    request.presented = readAuthorization(headers.authorization);
    if (!isEmulatorRoute(request)) {
      const { presented } = request;
      const authorization = presented && {
        scheme: presented.scheme,
        sha256: presented.digest.toString("hex"),
      };
      request.record = recorder.open(
        { at: clock.now(), method, path: pathOf(request) },
        headers,
        authorization,
      );
      recorder.workspace(request.record, idIn(request.params, "id"));
    }
    // The server reads JSON whatever a request says it is; so no content type is ever rejected.
    request.raw.headers["content-type"] = "application/json";
  });
}

/** Faults first, since they are in front of the platform; then its guards in its own order. */
function addGuards(app: App, platform: Platform, closing: AbortSignal): void {
  const { contract, clock, faults, orgId } = platform;
  const cors = corsGuard(platform.allowedOrigins);
  const rateLimit = rateLimitGuard(platform.rateLimit, clock);
  const tenant = tenantGuard(orgId, contract);

  app.addHook("onRequest", async (request, reply) => {
    if (isEmulatorRoute(request)) {
      if (isSameOrigin(request)) return undefined;
      return reply.code(403).send({ error: "Origin must be the emulator's own" });
    }
    if (await injectFault(request, reply, faults, closing)) return reply;
    const path = request.routeOptions.url ?? pathOf(request);
    return cors(request, reply) ?? rateLimit(request, reply) ?? tenant(request, reply, path);
  });
}

/** Records the answers, and drops those that a fault loses. */
function recordAnswers(app: App, { recorder, feed }: Platform): void {
  app.addHook("preValidation", async ({ record, body }) => {
    if (!record) return;
    recorder.body(record, body);
    recorder.workspace(record, idIn(body, "workspace_id") ?? idIn(body, "id"));
  });
  app.addHook("onSend", async (request) => {
    if (request.loseResponse) resetConnection(request);
  });
  app.addHook("onResponse", async ({ record, loseResponse }, reply) => {
    if (!record || loseResponse) return;
    record.status = reply.statusCode;
    const { workspaceId, path } = record;
    if (workspaceId && path.startsWith("/registry/")) {
      feed.answered(workspaceId, reply.statusCode, reply.elapsedTime);
    }
  });
}

async function addOpenApi(app: App, { contract }: Platform): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "The platform on your own machine",
        description: "The registry that workspaces talk to, emulated, and the controls to make it fail.",
        version: contract.version,
      },
      tags: [
        { name: "registry", description: "What an agent's runtime calls." },
        { name: "workspaces", description: "Workspaces, their delegations and messages." },
        { name: "tokens", description: "Tokens of one workspace." },
        { name: "health" },
        { name: "controls", description: "The emulator's own: not on the real platform." },
      ],
      components: { securitySchemes: { bearer: { type: "http", scheme: "bearer" } } },
    },
  });
  app.get("/openapi.json", { schema: { hide: true } }, async () => app.swagger());
}

function idIn(value: unknown, name: string): string | null {
  if (typeof value !== "object" || value === null) return null;
  const id: unknown = Reflect.get(value, name);
  return typeof id === "string" ? id : null;
}
