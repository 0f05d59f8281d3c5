import { randomUUID } from "node:crypto";
import { once } from "node:events";
import net from "node:net";
import type { Tally } from "../../report/finding.ts";

const TIMEOUT_MS = 4_500;
/** Idle connections are closed after this time, by design. */
const HEADERS_TIMEOUT_MS = 2_000;

/** Opens all connections before sending the first request, then sends one on each at once. */
export async function crowd(port: number, connections: number, tally: Tally): Promise<void> {
  const began = performance.now();
  const sockets = Array.from({ length: connections }, () => net.connect({ port, host: "127.0.0.1" }));
  try {
    await Promise.all(sockets.map((socket) => once(socket, "connect")));
    const isLate = performance.now() - began > HEADERS_TIMEOUT_MS;
    const answers = sockets.map((socket) => answerTo(socket, randomUUID()));
    for (const answer of await Promise.all(answers))
      tally.add(answer === "200" || (isLate && (answer === "408" || answer === "closed")) ? null : answer);
  } finally {
    for (const socket of sockets) socket.destroy();
  }
}

/** @returns the status, or what arrived instead */
function answerTo(socket: net.Socket, id: string): Promise<string> {
  const body = JSON.stringify({ id, url: "", agent_card: { name: "Crowd" }, delivery_mode: "poll" });
  const head = `POST /registry/register HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${body.length}\r\n\r\n`;
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(`nothing within ${TIMEOUT_MS} ms`), TIMEOUT_MS);
    const settle = (answer: string) => {
      clearTimeout(timer);
      resolve(answer);
    };
    socket.once("data", (chunk) => settle(/^HTTP\/1\.1 (\d{3}) /.exec(String(chunk))?.[1] ?? "no HTTP"));
    socket.once("error", () => settle("closed"));
    socket.once("close", () => settle("closed"));
    if (socket.destroyed) settle("closed");
    else socket.write(head + body);
  });
}
