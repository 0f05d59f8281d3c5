import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** The files that a page or a worker consists of. */
export type Files = Readonly<Record<string, { readonly type: string; readonly body: string }>>;

/**
 * The parts of a platform that the portable tests need, over real HTTP on loopback: `/echo` returns the request;
 * `/guarded/<token>` accepts only that token; `/moved/<status>?to=<url>` redirects.
 */
export async function startPlatform(files: Files = {}) {
  const server = createServer((request, response) => {
    answer(request, response, files).catch((error) => response.writeHead(500).end(String(error)));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

async function answer(request: IncomingMessage, response: ServerResponse, files: Files): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://any");
  const file = files[pathname];
  if (file !== undefined) {
    response.writeHead(200, { "content-type": file.type }).end(file.body);
    return;
  }
  // For pages of the other origin.
  response.setHeader("access-control-allow-origin", "*");
  response.setHeader(
    "access-control-allow-headers",
    "authorization, content-type, x-workspace-id, x-molecule-org-id",
  );
  if (request.method === "OPTIONS") {
    response.writeHead(204).end();
    return;
  }
  const [, route = "", detail = ""] = pathname.split("/");
  const to = searchParams.get("to");
  if (route === "moved" && to !== null) {
    response.writeHead(Number(detail), { location: to }).end();
    return;
  }
  const unauthorized = route === "guarded" && request.headers.authorization !== `Bearer ${detail}`;
  const body = (await request.setEncoding("utf8").toArray()).join("");
  response
    .writeHead(unauthorized ? 401 : 200, { "content-type": "application/json" })
    .end(JSON.stringify({ method: request.method, path: pathname, headers: request.headers, body }));
}
