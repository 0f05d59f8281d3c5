import type { IncomingMessage, Server, ServerOptions, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** How long a client may take to send its headers, and how soon that is seen. */
export const HEADER_LIMITS = {
  headersTimeout: 2_000,
  connectionsCheckingInterval: 500,
} as const satisfies ServerOptions;

/** A connection that is not older may have a request on its way. */
const YOUNG_MS = 250;
/** So many times the limit, young ones go too. */
const MOST = 8;

/**
 * Keeps a server answering when clients hold all its connections: beyond `max` of them, a new one takes the place of the
 * oldest that has no request to be answered.
 */
export function evictIdleConnections(server: Server, { max }: { readonly max: number }): void {
  /** Those without a request, in the order of their arrival, and when that was. */
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

/** The name or address in a `Host` header, without its port. */
export const hostnameOf = (host: string): string => host.replace(/:\d{1,5}$/, "").toLowerCase();

/** Whether a `Host` header names this machine from within. */
export const isLoopbackHost = (host: string): boolean => LOOPBACK.test(hostnameOf(host));
