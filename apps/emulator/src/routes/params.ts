import type { FastifyReply, FastifyRequest } from "fastify";
import type { RouteAnswer } from "../messages.ts";
import { canonicalId, parseUuid } from "../uuid.ts";
import type { Workspace } from "../workspace.ts";

/** The workspace that the path names, in the form in which ids are kept. */
export function idOf(request: FastifyRequest): string {
  const { id = "" } = request.params as { id?: string };
  return canonicalId(id);
}

/** Whether the path names a workspace as the platform's database can look it up. */
export function hasUuid(request: FastifyRequest): boolean {
  return parseUuid((request.params as { id?: string }).id ?? "") !== null;
}

/** A header's text; empty when there is none. */
export function headerOf({ headers }: FastifyRequest, name: string): string {
  const value = headers[name];
  return typeof value === "string" ? value : "";
}

/** Where clients reach this platform. */
export const baseUrlOf = ({ headers }: FastifyRequest): string => `http://${headers.host ?? "localhost"}`;

/** Sends what was found out elsewhere. */
export const respond = (reply: FastifyReply, { status, body }: RouteAnswer): FastifyReply =>
  reply.code(status).send(body);

/** So that what has nothing but defaults can be asked for without a body. */
export async function emptyBody(request: FastifyRequest): Promise<void> {
  request.body ??= {};
}

/** As much of a workspace as an answer names. */
export const nameAndId = ({ id, name }: Workspace) => ({ id, name });
