import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { isAuthError } from "@x/auth-core";
import { limitConnections } from "@x/emulator/connections";
import { networkErrorCode } from "@x/platform-client";
import { type ForwardOptions, forward, type ProxyLimits, UnusableAnswer } from "./forward.ts";
import { BodyTooLong } from "./request-body.ts";
import type { RequestGuard } from "./request-guard.ts";
import { route } from "./routes.ts";

export interface ProxyServerOptions extends Omit<ForwardOptions, "limits"> {
  readonly platformUrl: string;
  /** Decides who may use it. */
  readonly guard: RequestGuard;
  readonly limits?: ProxyLimits;
}

const MAX_CONNECTIONS = 256;
/** Timeout for sending a request; the platform's answer has its own limits. */
const REQUEST_MS = 300_000;
const HEADERS_MS = 10_000;
const KEEP_ALIVE_MS = 60_000;
/** Timeout for the rest of a request that is rejected. */
const LINGER_MS = 2_000;

/** An error response of the proxy itself, as RFC 9209 defines it. */
interface Rejection {
  readonly status: number;
  readonly error: string;
  readonly why: string;
  readonly allow?: string;
}

/** An HTTP server that signs requests for one platform only. It does not listen yet. */
export function createProxyServer(options: ProxyServerOptions): Server {
  const { platformUrl, workspaceId, guard } = options;
  const limits = { maxBodyBytes: 256 * 1_024 * 1_024, answerMs: 330_000, idleMs: 330_000, ...options.limits };
  const base = platformUrl.replace(/\/+$/, "");

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const rejection = guard(request);
    if (rejection !== null) return reject(response, rejection);
    if (isOtherProtocol(request)) return reject(response, OTHER_PROTOCOL);
    if (isOtherwiseCoded(request)) return reject(response, OTHER_CODING);
    const routed = route(request.method ?? "", request.url ?? "", workspaceId);
    if (!routed.isAllowed) return reject(response, { error: "http_request_denied", ...routed });
    const url = new URL(base + routed.path).href + routed.query;
    try {
      await forward(request, response, url, { ...options, limits });
    } catch (error) {
      fail(response, error);
    }
  }

  const server = createServer(
    { keepAliveTimeout: KEEP_ALIVE_MS },
    (request, response) => void answer(request, response),
  );
  // No tunnels: what goes through them cannot be checked. Without a listener for it, no connection is upgraded either.
  server.on("connect", (_request, socket: Duplex) => end(socket, "405 Method Not Allowed"));
  server.on("checkContinue", (request, response) => {
    if (guard(request) === null) response.writeContinue();
    void answer(request, response);
  });
  limitConnections(server, { max: MAX_CONNECTIONS, headersMs: HEADERS_MS, requestMs: REQUEST_MS });
  return server;
}

/** Closes the server and aborts everything in flight. */
export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

const OTHER_PROTOCOL: Rejection = {
  status: 501,
  error: "http_request_denied",
  why: "the proxy speaks HTTP/1.1 only, no WebSockets",
};

/** An offer of HTTP/2, which Java's client makes with every request, may be ignored (RFC 9110, section 7.8). */
const isOtherProtocol = ({ headers: { upgrade = "" } }: IncomingMessage): boolean =>
  upgrade.split(",").some((name) => !["", "h2c"].includes(name.trim().toLowerCase()));

const OTHER_CODING: Rejection = {
  status: 501,
  error: "http_request_denied",
  why: "the proxy accepts only Transfer-Encoding: chunked, and only in HTTP/1.1",
};

/**
 * Node decodes only `chunked`: the rest would be passed on encoded, without a label (RFC 9112, section 6.1). It rejects
 * encodings that do not end in `chunked` itself.
 */
const isOtherwiseCoded = ({ headers, httpVersion }: IncomingMessage): boolean => {
  const coding = headers["transfer-encoding"] ?? "";
  return /(^|,)\s*chunked$/i.test(coding) && (coding.includes(",") || httpVersion !== "1.1");
};

function fail(response: ServerResponse, error: unknown): void {
  // The client is gone or has a partial answer, which it must not mistake for the whole.
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  reject(response, rejectionOf(error));
}

function rejectionOf(error: unknown): Rejection {
  if (error instanceof BodyTooLong)
    return { status: 413, error: "http_request_denied", why: "the request's body is too long" };
  if (error instanceof UnusableAnswer) return { status: 502, error: "http_protocol_error", why: error.why };
  // The message names the source that cannot be read, and contains no token.
  if (isAuthError(error)) return { status: 502, error: "proxy_internal_error", why: error.message };
  const code = networkErrorCode(error);
  // Only the code: a library's message may quote a header and its token.
  return /TIMEOUT/.test(code)
    ? { status: 504, error: "http_response_timeout", why: `the platform does not answer (${code})` }
    : { status: 502, error: "destination_unavailable", why: `the platform cannot be reached (${code})` };
}

function reject(response: ServerResponse, { status, error, why, allow }: Rejection): void {
  const body = `${JSON.stringify({ error: why })}\n`;
  response
    .writeHead(status, {
      "content-type": "application/json; charset=utf-8",
      "content-length": Buffer.byteLength(body),
      "cache-control": "no-store",
      "proxy-status": `heartbeat; error=${error}`,
      ...(allow !== undefined && { allow }),
      connection: "close",
    })
    .write(body);
  const end = () => response.end();
  const timer = setTimeout(end, LINGER_MS);
  response.once("close", () => clearTimeout(timer));
  // Closing the connection earlier would interrupt the client while it sends, and it might not see the answer.
  response.req.once("end", end).resume();
}

function end(socket: Duplex, status: string): void {
  socket.on("error", () => {});
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
}
