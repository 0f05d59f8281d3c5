import { connect, createServer } from "node:net";
import { listen } from "./support/servers.ts";

/** A proxy in front of a server that records every byte sent to it. */
export async function recordingProxy(target: string) {
  const chunks: Buffer[] = [];
  const port = Number(new URL(target).port);
  const server = createServer((client) => {
    const upstream = connect(port, "127.0.0.1");
    for (const socket of [client, upstream]) {
      socket.on("error", () => {});
      socket.on("close", () => {
        client.destroy();
        upstream.destroy();
      });
    }
    client.on("data", (chunk) => chunks.push(chunk));
    client.pipe(upstream);
    upstream.pipe(client);
  });
  const url = `http://127.0.0.1:${await listen(server)}`;
  return { url, received: () => Buffer.concat(chunks).toString("latin1") };
}
