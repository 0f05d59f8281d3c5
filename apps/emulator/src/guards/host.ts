import type { FastifyReply, FastifyRequest } from "fastify";
import { hostnameOf, isLoopbackHost } from "../connections.ts";

/**
 * Requires a `Host` that is a name or an address of this machine, or was allowed at the start. Otherwise a web page
 * whose domain resolves to this machine (DNS rebinding) would count as same-origin.
 */
export function hostGuard(allowedHosts: readonly string[]) {
  const allowed = new Set(allowedHosts.map((name) => name.toLowerCase()));
  return ({ headers: { host } }: FastifyRequest, reply: FastifyReply): FastifyReply | undefined => {
    if (host !== undefined && (isLoopbackHost(host) || allowed.has(hostnameOf(host)))) return undefined;
    return reply.code(403).send({ error: "Host must name this machine; --host allows another name" });
  };
}

/** Whether the emulator's own pages and controls may answer: not to web pages of other origins. */
export function isSameOrigin({ headers }: FastifyRequest): boolean {
  const { host, origin } = headers;
  if (origin !== undefined && origin !== `http://${host}`) return false;
  const site = headers["sec-fetch-site"];
  return site === undefined || site === "same-origin" || site === "none";
}
