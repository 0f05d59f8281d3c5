import type { FastifyReply, FastifyRequest } from "fastify";
import type { Contract } from "../contract.ts";

/** Paths that a workspace needs before it knows its tenant. */
const EXEMPT = new Set(["/health", "/buildinfo", "/metrics", "/registry/register", "/registry/heartbeat"]);

/** A tenant's server answers only requests that name the tenant. Off without an org id. */
export function tenantGuard(orgId: string | undefined, contract: Contract) {
  return (request: FastifyRequest, reply: FastifyReply, path: string): FastifyReply | undefined => {
    if (orgId === undefined || EXEMPT.has(path)) return undefined;
    const named = String(request.headers["x-molecule-org-id"] ?? "");
    if (named === orgId) return undefined;
    if (named.trim() === "" && contract.explainsMissingTenant) {
      return reply.code(400).send({
        code: "TENANT_ORG_HEADER_REQUIRED",
        detail: "SaaS tenant API requests must include X-Molecule-Org-Id matching the organization UUID.",
        error: "missing tenant routing header",
        required_header: "X-Molecule-Org-Id",
      });
    }
    // An empty 404 rather than a 403: it must not reveal that this tenant exists.
    return reply.code(404).send();
  };
}
