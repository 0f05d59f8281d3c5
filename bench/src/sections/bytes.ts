import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { answer } from "../answers.ts";
import type { HandshakesTask } from "../children/handshakes.ts";
import { startChild } from "../children.ts";
import type { Effort, Table, Target } from "../results.ts";
import { atMost } from "./idle.ts";

/** Headers that HTTP/1.1 implies, and so need not be sent. */
const NEEDLESS = /^(connection|keep-alive)$/i;

/** The bytes of the fleet's requests on the wire, relative to the minimum for the same headers and bodies. */
export async function bytes(
  directory: string,
  { short }: Effort,
): Promise<{ tables: Table[]; targets: Target[] }> {
  const sockets = new Set<Socket>();
  let least = 0;
  let requests = 0;
  const server = createServer((request, response) => {
    requests += 1;
    least += leastOf(request);
    answer(request, response);
  });
  server.on("connection", (socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const child = await startChild("handshakes");
  const heartbeatsEach = short ? 10 : 20;
  const task: HandshakesTask = {
    url,
    workspaces: 50,
    heartbeatsEach,
    intervalMs: 200,
    configsDir: directory,
  };
  await child.ask<number>(task);
  await child.stop();
  const sent = [...sockets].reduce((sum, { bytesRead }) => sum + bytesRead, 0);
  server.closeAllConnections();
  server.close();
  const ratio = sent / least;
  return {
    tables: [
      {
        id: "bytes",
        title: "one request on the wire, its body included",
        unit: "bytes",
        against: "least",
        rows: [
          { name: "the runner's fleet", kind: "ours", value: sent / requests, ratio },
          {
            name: "the fewest with the same headers and bodies",
            kind: "floor",
            value: least / requests,
            ratio: 1,
          },
        ],
      },
    ],
    targets: [atMost("bytes of the fleet's requests to the fewest", ratio, 1.1, "×")],
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
