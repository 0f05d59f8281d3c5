import { createServer, type IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { answer } from "../answers.ts";
import type { HandshakesTask } from "../children/handshakes.ts";
import { runChild } from "../children.ts";
import { listen } from "../platform.ts";
import type { Effort, Part } from "../results.ts";
import { atMost, floor, ours, table } from "../tables.ts";

/** Headers that HTTP/1.1 implies, and so need not be sent. */
const NEEDLESS = /^(connection|keep-alive)$/i;

/** The bytes of the fleet's requests on the wire, relative to the minimum for the same headers and bodies. */
export async function bytes(directory: string, { short }: Effort): Promise<Part> {
  const sockets = new Set<Socket>();
  let least = 0;
  let requests = 0;
  const server = createServer((request, response) => {
    requests += 1;
    least += leastOf(request);
    answer(request, response);
  });
  server.on("connection", (socket) => sockets.add(socket));
  const url = `http://${await listen(server)}`;
  const fleet = { workspaces: 50, heartbeatsEach: short ? 10 : 20, intervalMs: 200 };
  await runChild<number>({ ...fleet, url, configsDir: directory } satisfies HandshakesTask, "handshakes");
  const sent = [...sockets].reduce((sum, { bytesRead }) => sum + bytesRead, 0);
  server.closeAllConnections();
  server.close();
  const ratio = sent / least;
  const rows = [
    ours("the runner's fleet", sent / requests, ratio),
    floor("the fewest with the same headers and bodies", least / requests),
  ];
  return {
    tables: [
      { ...table("bytes", "one request on the wire, its body included", "bytes", rows), against: "least" },
    ],
    targets: [atMost("bytes of the fleet's requests to the fewest", ratio, 1.1)],
  };
}

function leastOf({ method = "", url = "", rawHeaders, headers }: IncomingMessage): number {
  let size = `${method} ${url} HTTP/1.1\r\n\r\n`.length + Number(headers["content-length"] ?? 0);
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const [name = "", value = ""] = rawHeaders.slice(index, index + 2);
    if (!NEEDLESS.test(name)) size += `${name}: ${value}\r\n`.length;
  }
  return size;
}
