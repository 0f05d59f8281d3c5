import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";

const SWEEP_EVERY_MS = 500;
/** A younger connection may have a request on its way. */
const YOUNG_MS = 250;
/** Above this multiple of the limit, young ones are closed too. */
const MOST = 8;
const TIMED_OUT = "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n";

/** A connection without a pending request. */
interface Idle {
  readonly since: number;
  /** Since when a request's headers are expected; `null` on a connection that was kept alive, until some arrive. */
  expectedSince: number | null;
  readonly bytesRead: number;
}

export interface ConnectionLimits {
  /** Above it, a new connection replaces the oldest one without a pending request. */
  readonly max: number;
  /** The timeout for a request's headers; then 408. Instead of `server.headersTimeout`. @default 2 seconds */
  readonly headersMs?: number;
}

/** Keeps a server responsive when clients hold all its connections, or send their headers slowly. */
export function limitConnections(server: Server, { max, headersMs = 2_000 }: ConnectionLimits): void {
  /** In order of arrival. */
  const idle = new Map<Socket, Idle>();
  const pending = new WeakMap<Socket, number>();
  let open = 0;
  server.headersTimeout = 0;

  server.on("connection", (socket: Socket) => {
    open += 1;
    const now = performance.now();
    idle.set(socket, { since: now, expectedSince: now, bytesRead: 0 });
    socket.once("close", () => {
      open -= 1;
      idle.delete(socket);
    });
    if (open <= max) return;
    const [oldest] = idle;
    if (oldest === undefined) return;
    const [evicted, { since }] = oldest;
    if (evicted === socket || (now - since < YOUNG_MS && open <= max * MOST)) return;
    idle.delete(evicted);
    evicted.destroy();
  });
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    const { socket } = request;
    idle.delete(socket);
    pending.set(socket, (pending.get(socket) ?? 0) + 2);
    const onClose = () => {
      const left = (pending.get(socket) ?? 1) - 1;
      pending.set(socket, left);
      if (left > 0 || socket.destroyed) return;
      idle.set(socket, { since: performance.now(), expectedSince: null, bytesRead: socket.bytesRead });
    };
    // An answer may be sent before all of its request has arrived.
    request.once("close", onClose);
    response.once("close", onClose);
  });

  const late = () =>
    [...idle].filter(([socket, connection]) => {
      const now = performance.now();
      if (socket.bytesRead > connection.bytesRead) connection.expectedSince ??= now;
      return now - (connection.expectedSince ?? now) > headersMs;
    });
  const sweep = setInterval(() => {
    // While the event loop was blocked, nothing was read: what has arrived meanwhile is read before the second look.
    if (late().length > 0) setImmediate(closeLate);
  }, SWEEP_EVERY_MS).unref();
  server.once("close", () => clearInterval(sweep));

  function closeLate(): void {
    for (const [socket] of late()) {
      idle.delete(socket);
      socket.write(TIMED_OUT);
      socket.destroy();
    }
  }
}

const LOOPBACK = /^(?:localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])$/i;

/** The name or address in a `Host` header, without the port. */
export const hostnameOf = (host: string): string => host.replace(/:\d{1,5}$/, "").toLowerCase();

/** Whether a `Host` header names a loopback address. */
export const isLoopbackHost = (host: string): boolean => LOOPBACK.test(hostnameOf(host));
