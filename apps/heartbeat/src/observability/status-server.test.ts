import { createConnection, type Socket } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { startStatusServer } from "./status-server.ts";

async function start(names: readonly string[] = []) {
  const page = { status: 200, type: "text/plain", body: "ok" };
  let made = 0;
  const make = async () => {
    made += 1;
    return page;
  };
  const server = await startStatusServer({ host: "127.0.0.1", port: 0, names }, { "/live": make });
  onTestFinished(server.close);
  const port = Number(new URL(server.url).port);
  return { ...server, port, made: () => made };
}

function open(port: number): Socket {
  const socket = createConnection(port, "127.0.0.1");
  socket.on("error", () => {});
  socket.resume();
  onTestFinished(() => void socket.destroy());
  return socket;
}

/** Sends raw text and returns the first line of the answer. */
function firstLine(port: number, text: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = "";
    const socket = open(port);
    socket.on("data", (chunk) => {
      answer += chunk;
    });
    socket.on("close", () => resolve(answer.split("\r\n")[0] ?? ""));
    socket.end(text);
  });
}

const closed = (socket: Socket) => new Promise<void>((resolve) => socket.once("close", () => resolve()));

describe("the status server", () => {
  it.each([
    ["evil.example", "403"],
    ["evil.example:9464", "403"],
    ["127.0.0.1.evil.example", "403"],
    ["localhost.evil.example", "403"],
    ["evil.example:80@127.0.0.1", "403"],
    ["", "403"],
    ["localhost", "200"],
    ["LOCALHOST:1", "200"],
    ["127.0.0.1:9464", "200"],
    ["10.1.2.3:9464", "200"],
    ["[::1]:9464", "200"],
    ["[fd00::7]", "200"],
    ["runner.example:9464", "200"],
  ])("answers Host %j with %s", async (host, status) => {
    const { port } = await start(["runner.example"]);
    const line = await firstLine(port, `GET /live HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    expect(line).toContain(` ${status} `);
  });

  it("answers a probe without a Host, as HTTP/1.0 sends it", async () => {
    const { port } = await start();
    expect(await firstLine(port, "GET /live HTTP/1.0\r\n\r\n")).toContain(" 200 ");
  });

  it("answers each probe while clients hold and renew more connections than the limit", async () => {
    const { port, url } = await start();
    let isOver = false;
    const hold = () => {
      if (isOver) return;
      open(port).once("close", () => setTimeout(hold, 5));
    };
    onTestFinished(() => {
      isOver = true;
    });
    for (let count = 0; count < 100; count += 1) hold();
    for (let probe = 0; probe < 20; probe += 1) {
      const signal = AbortSignal.timeout(5_000);
      const response = await fetch(`${url}/live`, { signal, headers: { connection: "close" } });
      expect(response.status).toBe(200);
    }
  });

  it("answers a few pipelined requests, but generates no pages for thousands of unread ones", async () => {
    const { port, url, made } = await start();
    const request = "GET /live HTTP/1.1\r\nHost: localhost\r\n\r\n";
    const reader = open(port);
    let answers = "";
    reader.on("data", (chunk) => {
      answers += chunk;
    });
    reader.write(request.repeat(5));
    await expect.poll(() => answers.match(/ 200 OK/g)?.length).toBe(5);
    const flooding = Array.from({ length: 20 }, () => open(port));
    for (const socket of flooding) socket.pause().write(request.repeat(500));
    await expect.poll(made).toBeGreaterThan(20);
    const response = await fetch(`${url}/live`, { signal: AbortSignal.timeout(15_000) });
    expect(response.status).toBe(200);
    expect(made()).toBeLessThan(1_000);
  });

  it("closes a connection without complete headers after two seconds, idle or sending byte by byte", async () => {
    const { port } = await start();
    const began = performance.now();
    const [silent, dripping] = [open(port), open(port)];
    dripping.write("GET /live HTTP/1.1\r\nHost: localhost\r\nX: ");
    const drip = setInterval(() => dripping.write("x"), 100);
    onTestFinished(() => clearInterval(drip));
    await Promise.all([closed(silent), closed(dripping)]);
    expect(performance.now() - began).toBeLessThan(4_000);
  });
});
