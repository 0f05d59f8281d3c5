import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import { type AddressInfo, createConnection, type Socket } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { limitConnections } from "./connections.ts";

const HEADERS_MS = 300;

async function listen(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return (server.address() as AddressInfo).port;
}

async function serve(
  answer: RequestListener = (_, response) => void response.end("ok"),
  onContinue?: RequestListener,
  max = 100,
) {
  const server = createServer(answer);
  if (onContinue !== undefined) server.on("checkContinue", onContinue);
  limitConnections(server, { max, headersMs: HEADERS_MS, requestMs: 2 * HEADERS_MS });
  const port = await listen(server);
  return async () => {
    const socket = createConnection(port, "127.0.0.1");
    onTestFinished(() => void socket.destroy());
    const answers: string[] = [];
    socket.on("data", (chunk) => answers.push(...(String(chunk).match(/(?<=^HTTP\/1\.1 )\d+/gm) ?? [])));
    await once(socket, "connect");
    return { socket, answers };
  };
}

const REQUEST = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
const closed = (socket: Socket) => once(socket, "close");

function block(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Writes one header after another. */
function drip(socket: Socket): void {
  socket.write("GET / HTTP/1.1\r\nHost: localhost\r\n");
  const timer = setInterval(() => socket.write("X-Slow: 1\r\n"), 50);
  socket.once("close", () => clearInterval(timer));
}

describe("a server with limited connections", () => {
  it.each([
    ["sends nothing", () => {}],
    ["sends its headers one by one", drip],
  ])("answers 408 and closes a connection that %s", async (_, say) => {
    const { socket, answers } = await (await serve())();
    say(socket);
    await closed(socket);
    expect(answers).toEqual(["408"]);
  });

  it("does the same after an answer, and waits for the next request meanwhile", async () => {
    const { socket, answers } = await (await serve())();
    socket.write(REQUEST);
    await expect.poll(() => answers).toEqual(["200"]);
    await pause(4 * HEADERS_MS);
    socket.write(REQUEST);
    await expect.poll(() => answers).toEqual(["200", "200"]);
    drip(socket);
    await closed(socket);
    expect(answers).toEqual(["200", "200", "408"]);
  });

  it("closes a connection whose request does not arrive completely", async () => {
    const { socket, answers } = await (await serve((request) => void request.resume()))();
    socket.write("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 20\r\n\r\n");
    await closed(socket);
    expect(answers).toEqual(["408"]);
  });

  it("closes one whose answer has begun without another answer", async () => {
    const { socket, answers } = await (await serve((_, response) => void response.write("begun")))();
    socket.write("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 20\r\n\r\n");
    await closed(socket);
    expect(answers).toEqual(["200"]);
  });

  it("answers what arrived while the event loop was blocked", async () => {
    const connect = await serve();
    const open = await Promise.all(Array.from({ length: 20 }, connect));
    // Each is known to the server, and has not sent anything.
    await pause(50);
    for (const { socket } of open) socket.write(REQUEST);
    block(4 * HEADERS_MS);
    await expect.poll(() => open.flatMap(({ answers }) => answers)).toEqual(open.map(() => "200"));
  });

  it("keeps a connection whose request arrived while the event loop was blocked, when new ones need room", async () => {
    const connect = await serve(undefined, undefined, 1);
    const { socket, answers } = await connect();
    const later = connect();
    await Promise.resolve();
    socket.write(REQUEST);
    block(HEADERS_MS);
    await later;
    await expect.poll(() => answers).toEqual(["200"]);
  });

  it("waits for an answer to a request that expected 100 Continue", async () => {
    const connect = await serve(undefined, (request, response) => {
      response.writeContinue();
      request.resume();
      setTimeout(() => response.end("ok"), 4 * HEADERS_MS);
    });
    const { socket, answers } = await connect();
    socket.write("PUT / HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx");
    await expect.poll(() => answers).toEqual(["100", "200"]);
  });

  it("waits for a request whose answer was sent first", async () => {
    const connect = await serve((_, response) => void response.writeHead(413).end("too long"));
    const { socket, answers } = await connect();
    socket.write("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 20\r\n\r\n");
    for (let sent = 0; sent < 20; sent += 1) {
      await pause(20);
      socket.write("x");
    }
    socket.write(REQUEST);
    await expect.poll(() => answers).toEqual(["413", "413"]);
  });
});

describe("answers that clients do not read", () => {
  it("are held for no more clients than the limit, and one that reads gets all of its answer", async () => {
    const body = Buffer.alloc(8 * 1_024 * 1_024, "x");
    const server = createServer((_, response) => void response.end(body));
    limitConnections(server, { max: 10, requestMs: 2_000 });
    const port = await listen(server);
    for (let count = 0; count < 40; count += 1) {
      const socket = createConnection(port, "127.0.0.1").pause();
      socket.on("error", () => {});
      onTestFinished(() => void socket.destroy());
      // One after the other: a client that sends nothing for a while would be replaced.
      const arrived = once(server, "request");
      socket.write(REQUEST);
      await arrived;
    }
    const open = () =>
      new Promise((resolve) => server.getConnections((_, connections) => resolve(connections)));
    await expect.poll(open).toBeLessThanOrEqual(10);
    const response = await fetch(`http://127.0.0.1:${port}/`);
    expect((await response.text()).length).toBe(body.length);
  });
});
