import { randomUUID } from "node:crypto";
import { once } from "node:events";
import net from "node:net";
import type { Tally } from "../../report/finding.ts";

const TIMEOUT_MS = 4_500;

/** Opens all connections before the first of them asks, then asks on all of them at once. */
export async function crowd(port: number, connections: number, tally: Tally): Promise<void> {
  const sockets = Array.from({ length: connections }, () => net.connect({ port, host: "127.0.0.1" }));
  try {
    await Promise.all(sockets.map((socket) => once(socket, "connect")));
    const answers = sockets.map((socket) => answerTo(socket, randomUUID()));
    for (const answer of await Promise.all(answers))
      tally.add(answer.startsWith("HTTP/1.1 200 ") ? null : "no 200");
  } finally {
    for (const socket of sockets) socket.destroy();
  }
}

function answerTo(socket: net.Socket, id: string): Promise<string> {
  const body = JSON.stringify({ id, url: "", agent_card: { name: "Crowd" }, delivery_mode: "poll" });
  const head = `POST /registry/register HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${body.length}\r\n\r\n`;
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(""), TIMEOUT_MS);
    const settle = (text: string) => {
      clearTimeout(timer);
      resolve(text);
    };
    socket.once("data", (chunk) => settle(String(chunk)));
    socket.once("error", () => settle(""));
    socket.once("close", () => settle(""));
    socket.write(head + body);
  });
}
