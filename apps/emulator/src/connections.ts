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

/** The last request on a connection. */
interface Received {
  readonly since: number;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

export interface ConnectionLimits {
  /**
   * Above it, a new connection replaces the oldest one without a pending request, and a new request the oldest one whose
   * answer is not read.
   */
  readonly max: number;
  /** The timeout for a request's headers; then 408. @default 2 seconds */
  readonly headersMs?: number;
  /** The timeout for the rest of a request; then 408. */
  readonly requestMs: number;
}

/**
 * Keeps a server responsive when clients hold all its connections, or send their requests slowly. Call it after adding
 * the server's own listeners. Replaces `server.headersTimeout` and `server.requestTimeout`, which also close
 * connections whose requests arrived while the event loop was blocked.
 */
export function limitConnections(server: Server, limits: ConnectionLimits): void {
  const { max, headersMs = 2_000, requestMs } = limits;
  /** In order of arrival. */
  const idle = new Map<Socket, Idle>();
  const received = new Map<Socket, Received>();
  const pending = new WeakMap<Socket, number>();
  let open = 0;
  server.headersTimeout = 0;
  server.requestTimeout = 0;

  server.on("connection", (socket: Socket) => {
    open += 1;
    const now = performance.now();
    idle.set(socket, { since: now, expectedSince: now, bytesRead: 0 });
    socket.once("close", () => {
      open -= 1;
      idle.delete(socket);
      received.delete(socket);
    });
    // Requests that have arrived are read first: they may have waited while the event loop was blocked.
    if (open > max) setImmediate(makeRoom, socket);
  });

  /** Closes the oldest connection without a pending request. */
  function makeRoom(newest: Socket): void {
    const [oldest] = idle;
    if (open <= max || oldest === undefined) return;
    const [evicted, { since }] = oldest;
    if (evicted === newest || (performance.now() - since < YOUNG_MS && open <= max * MOST)) return;
    idle.delete(evicted);
    evicted.destroy();
  }

  const onRequest = (request: IncomingMessage, response: ServerResponse) => {
    const { socket } = request;
    idle.delete(socket);
    received.set(socket, { since: performance.now(), request, response });
    if (received.size > max) closeUnread();
    pending.set(socket, (pending.get(socket) ?? 0) + 2);
    const onClose = () => {
      const left = (pending.get(socket) ?? 1) - 1;
      pending.set(socket, left);
      if (left > 0 || socket.destroyed) return;
      received.delete(socket);
      idle.set(socket, { since: performance.now(), expectedSince: null, bytesRead: socket.bytesRead });
    };
    // An answer may be sent before all of its request has arrived.
    request.once("close", onClose);
    response.once("close", onClose);
  };
  server.on("request", onRequest);
  // Node emits one or the other. Adding the first listener would keep Node from answering on its own.
  if (server.listenerCount("checkContinue") > 0) server.on("checkContinue", onRequest);

  /** Closes the oldest connection whose client does not read its answer, which is held in memory. */
  function closeUnread(): void {
    for (const [socket, { response }] of received) {
      if (!response.writableEnded) continue;
      received.delete(socket);
      return void socket.destroy();
    }
  }

  function late(): Socket[] {
    const now = performance.now();
    const sockets: Socket[] = [];
    for (const [socket, connection] of idle) {
      if (socket.bytesRead > connection.bytesRead) connection.expectedSince ??= now;
      if (now - (connection.expectedSince ?? now) > headersMs) sockets.push(socket);
    }
    for (const [socket, { since, request }] of received) {
      if (!request.complete && now - since > requestMs) sockets.push(socket);
    }
    return sockets;
  }

  const sweep = setInterval(() => {
    // While the event loop was blocked, nothing was read: what has arrived meanwhile is read before the second check.
    if (late().length > 0) setImmediate(closeLate);
  }, SWEEP_EVERY_MS).unref();
  server.once("close", () => clearInterval(sweep));

  function closeLate(): void {
    for (const socket of late()) {
      if (received.get(socket)?.response.headersSent !== true) socket.write(TIMED_OUT);
      socket.destroy();
    }
  }
}

const LOOPBACK = /^(?:localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])$/i;

/** The name or address in a `Host` header, without the port. */
export const hostnameOf = (host: string): string => host.replace(/:\d{1,5}$/, "").toLowerCase();

/** Whether a `Host` header names a loopback address. */
export const isLoopbackHost = (host: string): boolean => LOOPBACK.test(hostnameOf(host));
