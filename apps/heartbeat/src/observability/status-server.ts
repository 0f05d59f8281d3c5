import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { StatusAddress } from "../config/operator-flags.ts";
import { ConfigError } from "../config/problems.ts";

export interface Page {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

export interface StatusServer {
  readonly url: string;
  close(): Promise<void>;
}

/** More than a request for the status needs; a slow client is disconnected. */
const REQUEST_TIMEOUT_MS = 5_000;
const MAX_CONNECTIONS = 64;

/**
 * Serves pages by their path, to GET and HEAD.
 *
 * @throws ConfigError when the port or the address cannot be had
 */
export async function startStatusServer(
  { host, port }: StatusAddress,
  pages: Readonly<Record<string, () => Page | Promise<Page>>>,
): Promise<StatusServer> {
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS }, async (request, response) => {
    const { status, type, body } = await answer(request, pages);
    response
      .writeHead(status, {
        "content-type": type,
        "content-length": Buffer.byteLength(body),
        "cache-control": "no-store",
        ...(status === 405 && { allow: "GET, HEAD" }),
      })
      .end(request.method === "HEAD" ? undefined : body);
  });
  server.maxConnections = MAX_CONNECTIONS;
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

async function answer(
  { method, url = "/" }: IncomingMessage,
  pages: Parameters<typeof startStatusServer>[1],
): Promise<Page> {
  const [path = "/"] = url.split("?");
  const page = Object.hasOwn(pages, path) ? pages[path] : undefined;
  if (page === undefined) return text(404, `There is only ${Object.keys(pages).join(", ")}.\n`);
  if (method !== "GET" && method !== "HEAD") return text(405, "Only GET and HEAD.\n");
  try {
    return await page();
  } catch {
    return text(500, "The status cannot be read.\n");
  }
}

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
  if (code === "EACCES") return `port ${port} is not ours to take; give one from 1024 on with --status-port.`;
  if (code === "EADDRNOTAVAIL") return `${host} (--status-host) is no address of this machine.`;
  return message;
}
