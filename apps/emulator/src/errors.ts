import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";
import { BodyError } from "./json-body.ts";
import { isEmulatorRoute } from "./request.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** The route's error for an unusable body. Default: that the body is invalid. */
    invalidBody?: string;
    /** The maximum body size; a larger body is a 413. Default: 1 MiB, and a 400. */
    maxBodyBytes?: number;
  }
}

/** The answer of an unknown route. */
export function answerNotFound(_request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return reply.code(404).type("text/plain").send("404 page not found");
}

/** The answer to a request that failed before or in its handler. */
export function answerError(error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  // The body of an unknown route is read too; its content does not matter.
  if (request.is404) return answerNotFound(request, reply);
  const isTheirs = error instanceof BodyError || error.validation !== undefined || error.statusCode === 400;
  if (!isTheirs) return reply.code(500).send({ error: "internal server error" });
  if (isEmulatorRoute(request)) return reply.code(400).send({ error: explain(error) });
  const { invalidBody = "invalid request body", maxBodyBytes } = request.routeOptions.config;
  if (maxBodyBytes !== undefined && error instanceof BodyError && error.maxBytes !== undefined) {
    const exceeds = `request body exceeds ${maxBodyBytes} byte limit: A2A body exceeds size limit`;
    return reply.code(413).send({ error: exceeds, truncated: true, max_bytes: maxBodyBytes });
  }
  return reply.code(400).send({ error: invalidBody });
}

/** Names the field, because controls are often typed by hand. */
function explain({ validation, message }: FastifyError): string {
  const first = validation?.at(-1);
  if (!first) return message;
  const { instancePath, params } = first;
  const named = [params.requiredProperties, params.additionalProperties].find(Array.isArray);
  const field = named?.[0] ?? instancePath.slice(1).replaceAll("/", ".");
  const reason = named ? (params.requiredProperties ? "is missing" : "is not known here") : first.message;
  const allowed = Array.isArray(params.allowedValues) ? `: ${JSON.stringify(params.allowedValues)}` : "";
  return `${field || "body"}: ${reason}${allowed}`;
}
