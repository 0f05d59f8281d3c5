import type { IncomingMessage } from "node:http";
import type { FastifyRequest } from "fastify";
import type { Presented } from "./authorization.ts";
import type { Fault } from "./faults.ts";
import type { OpenRecord } from "./recorder.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** The credentials of the request; the auth guard reads them. */
    presented: Presented | null;
    /** Its entry in the recorder; null for the emulator's own pages. */
    record: OpenRecord | null;
    /** The fault that hit it, if any. With `lose-response` it is processed, and then the connection is reset. */
    fault: Fault["kind"] | null;
  }
}

/** The path without the query, as sent. */
export function pathOf(request: FastifyRequest): string {
  const end = request.url.search(/[?#]/);
  return end < 0 ? request.url : request.url.slice(0, end);
}

/** Browsers fetch the icon automatically: not a request to the platform. */
const EMULATOR_PATHS = new Set(["/openapi.json", "/favicon.ico"]);

/**
 * Whether this is for the emulator itself rather than for the emulated platform. The route decides, because a path can
 * be spelt in several ways; without a route, the path.
 */
export function isEmulatorRoute(request: FastifyRequest): boolean {
  const { url } = request.routeOptions;
  const path = url ?? pathOf(request);
  return url === "/" || EMULATOR_PATHS.has(path) || path.startsWith("/emulator/");
}

/** Resets the connection: later writes do not arrive. */
export function resetConnection({ socket }: IncomingMessage): void {
  socket.resetAndDestroy();
}
