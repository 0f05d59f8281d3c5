import type { IncomingMessage } from "node:http";
import swagger from "@fastify/swagger";
import { type TypeBoxTypeProvider, TypeBoxValidatorCompiler } from "@fastify/type-provider-typebox";
import Fastify, { type FastifyReply, type FastifyRequest } from "fastify";
import type { App, Platform } from "./app.ts";
import { limitConnections } from "./connections.ts";
import { answerError, answerNotFound } from "./errors.ts";
import { injectFault } from "./fault-injection.ts";
import { corsGuard } from "./guards/cors.ts";
import { hostGuard, isSameOrigin } from "./guards/host.ts";
import { rateLimitGuard } from "./guards/rate-limit.ts";
import { tenantGuard } from "./guards/tenant.ts";
import { BodyError, readJson } from "./json-body.ts";
import { recordAnswers, recordHanging, recordRequests } from "./recording.ts";
import { isEmulatorRoute, pathOf } from "./request.ts";
import { a2aRoutes } from "./routes/a2a.ts";
import { activityRoutes } from "./routes/activity.ts";
import { controlRoutes } from "./routes/controls.ts";
import { dashboardRoutes } from "./routes/dashboard.ts";
import { delegationRoutes } from "./routes/delegations.ts";
import { discoveryRoutes } from "./routes/discovery.ts";
import { healthRoutes } from "./routes/health.ts";
import { inspectionRoutes } from "./routes/inspection.ts";
import { operatorRoutes } from "./routes/operator.ts";
import { pausingRoutes } from "./routes/pausing.ts";
import { registryRoutes } from "./routes/registry.ts";
import { tokenRoutes } from "./routes/tokens.ts";
import { workspaceControlRoutes } from "./routes/workspace-controls.ts";
import { workspaceRoutes } from "./routes/workspaces.ts";

/** The time limit for a request from the same machine; then 408, and the connection is closed. */
const REQUEST_MS = 10_000;
const MAX_CONNECTIONS = 4_096;

/** Builds the HTTP layer over a platform; it does not listen yet. */
export async function buildServer(platform: Platform, closing: AbortSignal): Promise<App> {
  const app: App = Fastify({
    // Requests that hang on purpose must not keep the server open.
    forceCloseConnections: true,
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: 8_192, querystringParser: firstValues },
    // An invalid URL reaches neither hooks nor routes.
    frameworkErrors: (_error, _request, reply: FastifyReply) => {
      reply.code(400).type("text/plain").send("400 Bad Request");
    },
    http: {
      // As generous as the real server: a token may exceed Node's default limit for all headers.
      maxHeaderSize: 1024 * 1024,
    },
  }).withTypeProvider<TypeBoxTypeProvider>();
  limitConnections(app.server, { max: MAX_CONNECTIONS, requestMs: REQUEST_MS });

  app.setValidatorCompiler(TypeBoxValidatorCompiler);
  // The response schemas are documentation: they must not drop fields that a test merged in.
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", (request: FastifyRequest, payload: IncomingMessage) =>
    readBody(request, payload),
  );
  app.setErrorHandler(answerError);
  app.setNotFoundHandler(answerNotFound);
  app.decorateRequest("presented", null);
  app.decorateRequest("record", null);
  app.decorateRequest("fault", null);

  // Before anything is recorded or changed.
  const host = hostGuard(platform.allowedHosts);
  app.addHook("onRequest", async (request, reply) => host(request, reply));
  recordRequests(app, platform);
  addGuards(app, platform, closing);
  recordAnswers(app, platform);
  await addOpenApi(app, platform);
  const routes = [
    registryRoutes,
    discoveryRoutes,
    workspaceRoutes,
    activityRoutes,
    a2aRoutes,
    delegationRoutes,
    tokenRoutes,
    operatorRoutes,
    pausingRoutes,
    healthRoutes,
    controlRoutes,
    workspaceControlRoutes,
    inspectionRoutes,
  ];
  for (const add of routes) add(app, platform);
  await dashboardRoutes(app, platform);
  return app;
}

/** The server takes the first value of a repeated parameter. */
function firstValues(query: string): Record<string, string> {
  return Object.fromEntries([...new URLSearchParams(query)].reverse());
}

/** A route that expects no body accepts any. */
async function readBody({ routeOptions }: FastifyRequest, payload: IncomingMessage): Promise<unknown> {
  const { schema, config } = routeOptions;
  try {
    return await readJson(payload, config.maxBodyBytes);
  } catch (error) {
    const isExpected = schema?.body !== undefined || config.invalidBody !== undefined;
    if (isExpected || !(error instanceof BodyError)) throw error;
    return undefined;
  }
}

/** Faults first, because they are in front of the platform; then its guards, in its order. */
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
    if (await injectFault(request, reply, faults, closing)) {
      if (request.fault === "hang") recordHanging(request, platform);
      return reply;
    }
    const path = request.routeOptions.url ?? pathOf(request);
    return cors(request, reply) ?? rateLimit(request, reply) ?? tenant(request, reply, path);
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
        { name: "operator", description: "What an operator does, with the admin's token." },
        { name: "health" },
        { name: "controls", description: "The emulator's own: not on the real platform." },
      ],
      components: { securitySchemes: { bearer: { type: "http", scheme: "bearer" } } },
    },
  });
  app.get("/openapi.json", { schema: { hide: true } }, async () => app.swagger());
}
