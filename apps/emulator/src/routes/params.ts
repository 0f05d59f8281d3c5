import type { FastifyReply, FastifyRequest } from "fastify";
import type { RouteAnswer } from "../messages.ts";
import { canonicalId, parseUuid } from "../uuid.ts";
import type { Workspace } from "../workspace.ts";

/** The workspace in the path, as a canonical id. */
export function idOf(request: FastifyRequest): string {
  const { id = "" } = request.params as { id?: string };
  return canonicalId(id);
}

/** Whether the path contains an id that the platform's database can look up. */
export function hasUuid(request: FastifyRequest): boolean {
  return parseUuid((request.params as { id?: string }).id ?? "") !== null;
}

/** A header's text; empty if there is none. */
export function headerOf({ headers }: FastifyRequest, name: string): string {
  const value = headers[name];
  return typeof value === "string" ? value : "";
}

/** The URL at which clients reach this platform. */
export const baseUrlOf = ({ headers }: FastifyRequest): string => `http://${headers.host ?? "localhost"}`;

/** Sends a prepared answer. */
export const respond = (reply: FastifyReply, { status, body }: RouteAnswer): FastifyReply =>
  reply.code(status).send(body);

/** For routes whose fields all have defaults: the body may be omitted. */
export async function emptyBody(request: FastifyRequest): Promise<void> {
  request.body ??= {};
}

/** The workspace fields in an answer. */
export const nameAndId = ({ id, name }: Workspace) => ({ id, name });
