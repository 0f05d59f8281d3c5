import type { Transport } from "@x/platform-client";
import { systemClock } from "../../../../../apps/heartbeat/src/clock.ts";
import { type Connection, connect } from "../../../../../apps/heartbeat/src/transport/connection.ts";
import { connectPlainly } from "../../../../../apps/heartbeat/src/transport/plain-connection.ts";
import { readProxies } from "../../../../../apps/heartbeat/src/transport/proxies.ts";

/** The runner's two kinds of connections: for keeping workspaces alive, and for one-off requests. */
export async function runnerConnections(platformUrl: string): Promise<Connection[]> {
  return [
    connect(platformUrl, systemClock()),
    await connectPlainly(platformUrl, systemClock(), readProxies({})),
  ];
}

export const closeAll = async (connections: readonly Connection[]): Promise<void> =>
  void (await Promise.all(connections.map(({ close }) => close())));

/** One plain request, without the client's logic around it. */
export const sendOnce = (
  transport: Transport,
  request: { method: "GET" | "POST"; url: string; headers: object; body?: string },
) =>
  transport.request({
    method: request.method,
    url: request.url,
    headers: { ...request.headers },
    body: request.body ?? null,
    signal: undefined,
    timeoutMs: 10_000,
    maxBytes: 1_024,
  });
