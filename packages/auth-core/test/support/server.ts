import { createServer, type IncomingHttpHeaders, type RequestListener, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A loopback server that closes with the test. @returns its origin */
export async function listen(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/**
 * A real loopback server until the test ends, with all requests received, in order. Responds with an empty 200 unless
 * `answer` sends something.
 */
export async function startServer(
  answer: (request: Received, response: ServerResponse, count: number) => unknown = () => {},
) {
  const received: Received[] = [];
  const origin = await listen(async (incoming, response) => {
    let body = "";
    for await (const chunk of incoming.setEncoding("utf8")) body += chunk;
    const { method = "", url: path = "", headers } = incoming;
    const request = { method, path, headers, body };
    received.push(request);
    await answer(request, response, received.length);
    if (!response.writableEnded) response.end();
  });
  return { origin, received };
}

/** A platform that accepts these tokens, and responds to others as the real one does. */
export function lettingIn(tokens: ReadonlySet<string>) {
  return ({ headers }: Received, response: ServerResponse) => {
    const token = headers.authorization?.slice("Bearer ".length) ?? "";
    if (tokens.has(token)) return response.end('{"status":"ok"}');
    response.statusCode = 401;
    return response.end('{"error":"invalid workspace auth token"}');
  };
}
