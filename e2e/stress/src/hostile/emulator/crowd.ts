import { randomUUID } from "node:crypto";
import { once } from "node:events";
import net from "node:net";
import type { Tally } from "../../report/finding.ts";

const TIMEOUT_MS = 15_000;
/** Connections without a request are closed after 2 s. A busy server may see a request only after that. */
const TIMED_OUT: readonly string[] = ["408", "closed"];
/** Seen at twenty experiments at once on two cores: a quarter. */
const MOST_TIMED_OUT = 0.75;

/** Opens all connections before sending the first request, then sends on all of them at once. */
export async function crowd(port: number, connections: number, tally: Tally): Promise<void> {
  const sockets = Array.from({ length: connections }, () => net.connect({ port, host: "127.0.0.1" }));
  try {
    await Promise.all(sockets.map((socket) => once(socket, "connect")));
    const answers = await Promise.all(sockets.map((socket) => answerTo(socket, randomUUID())));
    const timedOut = answers.filter((answer) => TIMED_OUT.includes(answer));
    const areFew = timedOut.length <= MOST_TIMED_OUT * connections;
    for (const answer of answers)
      tally.add(answer === "200" || (areFew && TIMED_OUT.includes(answer)) ? null : answer);
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
