import type { IncomingHttpHeaders, ServerResponse } from "node:http";
import { listen } from "../../../auth-core/test/support/server.ts";

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly token: string | undefined;
  /** Parsed JSON. */
  readonly body: unknown;
}

/** Status, JSON body (a string is sent unchanged) and headers. */
export type Answer = readonly [status: number, body?: unknown, headers?: Record<string, string>];

/**
 * A real loopback server until the test ends, with all requests received, in order; `null`: the response was sent, or
 * never comes.
 */
export async function startServer(
  answer: (request: Received, response: ServerResponse) => Answer | null | Promise<Answer | null>,
) {
  const received: Received[] = [];
  const origin = await listen(async (incoming, response) => {
    let text = "";
    for await (const chunk of incoming.setEncoding("utf8")) text += chunk;
    const { method = "", url: path = "", headers } = incoming;
    const token = headers.authorization?.slice("Bearer ".length);
    const request = { method, path, headers, token, body: text === "" ? undefined : JSON.parse(text) };
    received.push(request);
    const answered = await answer(request, response);
    if (answered === null) return;
    const [status, body, more = {}] = answered;
    response.writeHead(status, { "content-type": "application/json", ...more });
    response.end(body === undefined ? "" : typeof body === "string" ? body : JSON.stringify(body));
  });
  const paths = () => received.map(({ method, path }) => `${method} ${path}`);
  return { origin, received, paths };
}

/** The platform's own response to a rejected bearer token. */
export const unauthorized: Answer = [401, { error: "invalid workspace auth token" }];
