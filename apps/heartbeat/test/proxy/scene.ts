import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createNodeAuth } from "@x/auth-node";
import { onTestFinished } from "vitest";
import type { ProxyLimits } from "../../src/proxy/forward.ts";
import { openProxy, type ProxyAddress } from "../../src/proxy/open-proxy.ts";
import { ATLAS } from "../ids.ts";

export const TOKEN = "first-0123456789abcdefghijklmnopqrstuvwxyz";
export const ROTATED = "other-0123456789abcdefghijklmnopqrstuvwxyz";

export async function temporaryDir(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "proxy-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** The test's own platform, which records what it receives. */
export async function startPlatform(answer: (request: IncomingMessage, response: ServerResponse) => void) {
  const received: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    received.push(request);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received };
}

/** A proxy to a platform, with a token in a file. */
export async function startProxy(
  platformUrl: string,
  { at, limits }: { readonly at?: ProxyAddress; readonly limits?: ProxyLimits } = {},
) {
  const configsDir = await temporaryDir();
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
