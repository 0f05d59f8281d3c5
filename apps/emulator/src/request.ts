import type { IncomingMessage } from "node:http";
import type { FastifyRequest } from "fastify";
import type { Presented } from "./authorization.ts";
import type { Fault } from "./faults.ts";
import type { OpenRecord } from "./recorder.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** What the request presents; the auth guard reads it. */
    presented: Presented | null;
    /** Its entry in the recorder; null for the emulator's own pages. */
    record: OpenRecord | null;
    /** The fault that hit it, if any. With `lose-response` it is processed, and the connection reset before the answer. */
    fault: Fault["kind"] | null;
  }
}

/** The path without the query, as it was sent. */
export function pathOf(request: FastifyRequest): string {
  const end = request.url.search(/[?#]/);
  return end < 0 ? request.url : request.url.slice(0, end);
}

/** A browser asks for the icon by itself, whatever it shows: that is no request to the platform. */
const EMULATOR_PATHS = new Set(["/openapi.json", "/favicon.ico"]);

/**
 * Whether this is for the emulator itself rather than for the platform it plays. The route decides (a path
 * can be spelt in several ways); the path only where there is no such route.
 */
export function isEmulatorRoute(request: FastifyRequest): boolean {
  const { url } = request.routeOptions;
  const path = url ?? pathOf(request);
  return url === "/" || EMULATOR_PATHS.has(path) || path.startsWith("/emulator/");
}

/** Resets the connection: nothing that is written afterwards arrives. */
export function resetConnection({ socket }: IncomingMessage): void {
  socket.resetAndDestroy();
}
