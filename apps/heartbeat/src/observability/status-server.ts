import { createServer, type IncomingMessage, type Server } from "node:http";
import { type AddressInfo, isIP, type Socket } from "node:net";
import { hostnameOf, isLoopbackHost, limitConnections } from "@x/emulator/connections";
import type { StatusAddress } from "../config/operator-flags.ts";
import { ConfigError } from "../config/problems.ts";

export interface Page {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** Creates a page for a request. */
export type PageOf = (from: { readonly isThisMachine: boolean }) => Page | Promise<Page>;

export interface StatusServer {
  readonly url: string;
  close(): Promise<void>;
}

/** More than a status request needs; a slow client is disconnected. */
const REQUEST_MS = 5_000;
/** Timeout of an idle connection, and of an answer that is not read. */
const IDLE_TIMEOUT_MS = 10_000;
const MAX_CONNECTIONS = 64;
const MAX_REQUESTS_EACH = 1_000;
/** A client that sends more requests than this before reading the first answer does not want the status. */
const MAX_PIPELINED = 16;

/**
 * Serves pages by their path, to GET and HEAD.
 *
 * @throws ConfigError when the port or the address is not available
 */
export async function startStatusServer(
  { host, port, names = [] }: StatusAddress,
  pages: Readonly<Record<string, PageOf>>,
): Promise<StatusServer> {
  const waiting = new WeakMap<Socket, number>();
  const server = createServer(async (request, response) => {
    const { socket } = request;
    const count = (waiting.get(socket) ?? 0) + 1;
    if (count > MAX_PIPELINED) return socket.destroy();
    waiting.set(socket, count);
    response.once("close", () => waiting.set(socket, (waiting.get(socket) ?? 0) - 1));
    const { status, type, body } = isOurs(request, names) ? await answer(request, pages) : NOT_OURS;
    response
      .writeHead(status, {
        "content-type": type,
        "content-length": Buffer.byteLength(body),
        "cache-control": "no-store",
        ...(status === 405 && { allow: "GET, HEAD" }),
      })
      .end(request.method === "HEAD" ? undefined : body);
  });
  server.timeout = IDLE_TIMEOUT_MS;
  server.maxRequestsPerSocket = MAX_REQUESTS_EACH;
  limitConnections(server, { max: MAX_CONNECTIONS, requestMs: REQUEST_MS });
  await listen(server, host, port);
  const { port: bound } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${bound}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/**
 * Whether a request is addressed to this runner. A web page whose own name resolves to this machine (DNS rebinding)
 * sends that name as `Host`. Pages cannot do that with an address, and clients that send no `Host` (HTTP/1.0) are not
 * browsers.
 */
function isOurs({ headers: { host } }: IncomingMessage, names: readonly string[]): boolean {
  if (host === undefined) return true;
  const name = hostnameOf(host);
  return isLoopbackHost(host) || isIP(name.replace(/^\[(.*)\]$/, "$1")) !== 0 || names.includes(name);
}

async function answer(
  request: IncomingMessage,
  pages: Parameters<typeof startStatusServer>[1],
): Promise<Page> {
  const { method, url = "/" } = request;
  const [path = "/"] = url.split("?");
  const page = Object.hasOwn(pages, path) ? pages[path] : undefined;
  if (page === undefined) return text(404, `There is only ${Object.keys(pages).join(", ")}.\n`);
  if (method !== "GET" && method !== "HEAD") return text(405, "Only GET and HEAD.\n");
  try {
    return await page({ isThisMachine: isFromHere(request) });
  } catch {
    return text(500, "The status cannot be read.\n");
  }
}

/** False for a request that a proxy on this machine forwards for others. */
function isFromHere({ socket, headers }: IncomingMessage): boolean {
  const { remoteAddress = "" } = socket;
  const isLoopback = remoteAddress === "::1" || /^(?:::ffff:)?127\./.test(remoteAddress);
  return isLoopback && headers["x-forwarded-for"] === undefined && headers.forwarded === undefined;
}

const NOT_OURS: Page = {
  status: 403,
  type: "text/plain; charset=utf-8",
  body: "Host must be an address or localhost; --status-name allows another name.\n",
};

const text = (status: number, body: string): Page => ({ status, type: "text/plain; charset=utf-8", body });

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      reject(new ConfigError([`The status cannot be served: ${whyNot(error, host, port)}`]));
    });
    server.listen({ host, port }, resolve);
  });
}

function whyNot({ code, message }: NodeJS.ErrnoException, host: string, port: number): string {
  if (code === "EADDRINUSE")
    return `port ${port} on ${host} is taken; give another with --status-port, 0 for any.`;
  if (code === "EACCES")
    return `port ${port} needs privileges that this user lacks; give one above 1023 with --status-port.`;
  if (code === "EADDRNOTAVAIL") return `${host} (--status-host) is not an address of this machine.`;
  return message;
}
