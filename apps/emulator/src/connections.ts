import type { IncomingMessage, Server, ServerOptions, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** The timeout for a client's headers, and how often it is checked. */
export const HEADER_LIMITS = {
  headersTimeout: 2_000,
  connectionsCheckingInterval: 500,
} as const satisfies ServerOptions;

/** A younger connection may have a request on its way. */
const YOUNG_MS = 250;
/** Above this multiple of the limit, young ones are closed too. */
const MOST = 8;

/**
 * Keeps a server responsive when clients hold all its connections: above `max`, a new connection replaces the oldest
 * one without a pending request.
 */
export function evictIdleConnections(server: Server, { max }: { readonly max: number }): void {
  /** Connections without a request, in order of arrival, with the time of arrival. */
  const idle = new Map<Socket, number>();
  let open = 0;
  server.on("connection", (socket: Socket) => {
    open += 1;
    idle.set(socket, performance.now());
    socket.once("close", () => {
      open -= 1;
      idle.delete(socket);
    });
    if (open <= max) return;
    const [oldest] = idle;
    if (oldest === undefined) return;
    const [evicted, since] = oldest;
    if (evicted === socket || (performance.now() - since < YOUNG_MS && open <= max * MOST)) return;
    idle.delete(evicted);
    evicted.destroy();
  });
  server.on("request", ({ socket }: IncomingMessage, response: ServerResponse) => {
    idle.delete(socket);
    response.once("close", () => {
      if (!socket.destroyed) idle.set(socket, performance.now());
    });
  });
}

const LOOPBACK = /^(?:localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])$/i;

/** The name or address in a `Host` header, without the port. */
export const hostnameOf = (host: string): string => host.replace(/:\d{1,5}$/, "").toLowerCase();

/** Whether a `Host` header names a loopback address. */
export const isLoopbackHost = (host: string): boolean => LOOPBACK.test(hostnameOf(host));
