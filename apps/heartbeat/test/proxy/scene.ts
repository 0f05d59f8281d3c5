import { writeFile } from "node:fs/promises";
import { type IncomingMessage, request, type ServerResponse } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { createNodeAuth } from "@x/auth-node";
import { onTestFinished } from "vitest";
import type { ProxyLimits } from "../../src/proxy/forward.ts";
import { openProxy, type ProxyAddress } from "../../src/proxy/open-proxy.ts";
import { ATLAS } from "../ids.ts";
import { temporaryDirectory } from "../support/directory.ts";
import { serveHttp } from "../support/servers.ts";

export const TOKEN = "first-0123456789abcdefghijklmnopqrstuvwxyz";
export const ROTATED = "other-0123456789abcdefghijklmnopqrstuvwxyz";

/** The test's own platform, which records what it receives. */
export async function recordingPlatform(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
) {
  const received: IncomingMessage[] = [];
  const url = await serveHttp((request, response) => {
    received.push(request);
    answer(request, response);
  });
  return { url, received };
}

/** A proxy to a platform, with a token in a file. */
export async function startProxy(
  platformUrl: string,
  { at, limits }: { readonly at?: ProxyAddress; readonly limits?: ProxyLimits | undefined } = {},
) {
  const configsDir = temporaryDirectory();
  const file = join(configsDir, ".auth_token");
  await writeFile(file, TOKEN, { mode: 0o600 });
  const socket = join(configsDir, "platform.sock");
  const proxy = await openProxy(at ?? { socket }, {
    auth: createNodeAuth({ configsDir, env: { PLATFORM_URL: platformUrl } }),
    workspace: { id: ATLAS, platformUrl },
    env: {},
    ...(limits !== undefined && { limits }),
  });
  onTestFinished(() => proxy.close());
  return { proxy, socket, file };
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

interface Asked {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Buffer;
}

/** Sends a request through a socket, or through a port if given a URL. */
export function ask(
  where: string,
  path: string,
  { method = "GET", headers = {}, body }: Asked = {},
): Promise<Answer> {
  const to = where.startsWith("http:") ? where : "http://platform.example";
  return new Promise((resolve, reject) => {
    const sent = request(new URL(path, to), {
      method,
      headers,
      ...(to !== where && { socketPath: where }),
    });
    sent.on("error", reject);
    sent.on("response", async (response) => {
      let text = "";
      try {
        for await (const chunk of response) text += chunk;
      } catch (error) {
        return reject(error);
      }
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text });
    });
    sent.end(body);
  });
}

/** Sends raw bytes, and returns everything received until the connection is closed. */
export function raw(socketPath: string, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(socketPath);
    let received = "";
    socket.on("data", (chunk) => {
      received += chunk.toString("latin1");
    });
    socket.on("error", reject);
    socket.on("close", () => resolve(received));
    socket.write(text);
  });
}
