import type { FastifyReply, FastifyRequest } from "fastify";

const METHODS = "GET,POST,PUT,PATCH,DELETE,OPTIONS";
const HEADERS =
  "Origin,Content-Type,X-Workspace-Id,X-Molecule-Org-Id,X-Molecule-Org-Slug,X-Confirm-Name,Authorization";
/** Where the platform's own web app runs while it is developed. */
const DEFAULT_ORIGINS = ["http://localhost:3000", "http://localhost:3001"];

/**
 * The platform's rule for `Origin`: without one, or with the server's own, a request passes; with a listed one it
 * passes with CORS headers; any other gets an empty 403. An origin with a path or a trailing slash matches nothing, so
 * it is rejected too.
 *
 * Implemented here because the usual CORS plugin rejects nothing: it omits the headers and lets the request through.
 */
export function corsGuard(allowedOrigins: readonly string[]) {
  const listed = new Set([...DEFAULT_ORIGINS, ...allowedOrigins]);
  return (request: FastifyRequest, reply: FastifyReply): FastifyReply | undefined => {
    const { origin, host } = request.headers;
    if (origin === undefined || origin === `http://${host}` || origin === `https://${host}`) return undefined;
    if (!listed.has(origin)) return reply.code(403).send();
    reply
      .header("access-control-allow-origin", origin)
      .header("access-control-allow-credentials", "true")
      .header("vary", "Origin");
    if (request.method !== "OPTIONS") return undefined;
    return reply
      .header("access-control-allow-methods", METHODS)
      .header("access-control-allow-headers", HEADERS)
      .code(204)
      .send();
  };
}
