import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";
import { BodyError } from "./json-body.ts";
import { isEmulatorRoute } from "./request.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** What the route answers to a body that it cannot take. Left out: that the body is invalid. */
    invalidBody?: string;
    /** How large a body it takes; a larger one is a 413. Left out: 1 MiB, and a 400. */
    maxBodyBytes?: number;
  }
}

/** What a route that does not exist answers. */
export function answerNotFound(_request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return reply.code(404).type("text/plain").send("404 page not found");
}

/** What a request that no handler could take is answered. */
export function answerError(error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  // The body of a route that does not exist is read too; it makes no difference what is in it.
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

/** Names the field: the controls are typed by people. */
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
