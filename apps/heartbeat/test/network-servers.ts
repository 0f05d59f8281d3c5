import http, { type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import https from "node:https";
import { connect, type Socket } from "node:net";
import type { Certificate } from "./certificates.ts";
import { listen } from "./support/servers.ts";

/** Answers like a platform that has every workspace. */
function answerAsPlatform({ url = "", method }: IncomingMessage, response: ServerResponse): void {
  const id = /^\/workspaces\/([^/?]+)/.exec(url)?.[1];
  let body: unknown = { status: "ok" };
  if (url.includes("/delegations")) body = [];
  else if (url.endsWith("/a2a")) body = { status: "queued", delivery_mode: "poll", method: "message/send" };
  else if (id !== undefined && method === "GET") body = { id, workspace_id: id, status: "online" };
  else if (url === "/registry/register") body = { status: "registered", delivery_mode: "poll" };
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
}

export type TestServer = Awaited<ReturnType<typeof serve>>;

/** A server on a local port, with TLS if it has a certificate; `seen`: method and URL of each request, in order. */
export async function serve(answer: RequestListener = answerAsPlatform, tls?: Certificate) {
  const seen: string[] = [];
  const listener: RequestListener = (request, response) => {
    seen.push(`${request.method} ${request.url}`);
    request.resume();
    request.on("end", () => answer(request, response));
  };
  const server = tls === undefined ? http.createServer(listener) : https.createServer({ ...tls }, listener);
  return { port: await listen(server), seen };
}

interface ProxyOptions {
  /** The address that every name resolves to. */
  readonly target: number;
  /** The `user:password` that it requires. */
  readonly user?: string;
  /** A status that it answers instead. */
  readonly refuses?: number;
  /** Accepts TLS itself. */
  readonly tls?: Certificate;
}

/** A forward proxy: CONNECT, and absolute URLs. */
export async function serveProxy({ target, user, refuses, tls }: ProxyOptions): Promise<TestServer> {
  const seen: string[] = [];
  const refusal = (request: IncomingMessage): number | null => {
    seen.push(`${request.method} ${request.url}`);
    const given = request.headers["proxy-authorization"];
    if (user !== undefined && given !== `Basic ${Buffer.from(user).toString("base64")}`) return 407;
    return refuses ?? null;
  };
  const forward: RequestListener = (request, response) => {
    const status = refusal(request);
    if (status !== null) return void response.writeHead(status).end();
    const { pathname, search } = new URL(request.url ?? "");
    const { "proxy-authorization": _, ...headers } = request.headers;
    const onward = http.request(
      { host: "127.0.0.1", port: target, method: request.method, path: pathname + search, headers },
      (answer) => {
        response.writeHead(answer.statusCode ?? 0, answer.headers);
        answer.pipe(response);
      },
    );
    request.pipe(onward);
  };
  const server = tls === undefined ? http.createServer(forward) : https.createServer({ ...tls }, forward);
  server.on("connect", (request: IncomingMessage, client: Socket) => {
    const status = refusal(request);
    if (status !== null) return void client.end(`HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n\r\n`);
    const onward = connect(target, "127.0.0.1", () => {
      client.write("HTTP/1.1 200 Connection established\r\n\r\n");
      onward.pipe(client);
      client.pipe(onward);
    });
    for (const socket of [client, onward]) {
      socket.on("error", () => {
        client.destroy();
        onward.destroy();
      });
    }
  });
  return { port: await listen(server), seen };
}
