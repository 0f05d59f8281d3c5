import { Agent, request as requestHttp } from "node:http";
import type { TransportRequest, TransportResponse } from "@x/platform-client";
import type { Clock } from "../clock.ts";
import { AbortListeners } from "./abort-listeners.ts";
import type { Connection } from "./connection.ts";
import { Deadlines } from "./deadlines.ts";
import { Exchange } from "./exchange.ts";
import type { Proxies } from "./proxies.ts";
import { schemeCheckFor } from "./scheme-check.ts";

/**
 * For a few requests, one after another, to a platform without TLS and without a proxy, such as one on this machine.
 * Uses Node's built-in client, for commands that finish before a pool has loaded.
 */
export async function connectPlainly(
  platformUrl: string,
  clock: Clock,
  proxies: Proxies,
): Promise<Connection> {
  const isPlain = new URL(platformUrl).protocol === "http:" && proxies.routeTo(platformUrl).proxy === null;
  if (!isPlain) return (await import("./connection.ts")).connectThrough(proxies)(platformUrl, clock);
  const agent = new Agent({ keepAlive: true, autoSelectFamily: true });
  const deadlines = new Deadlines(clock);
  const listeners = new AbortListeners();
  const context = { deadlines, listeners, schemeCheck: schemeCheckFor(platformUrl) };
  return {
    request: (request) =>
      new Promise<TransportResponse>((resolve, reject) => {
        send(agent, request, new Exchange(request, context, { resolve, reject }));
      }),
    async close() {
      agent.destroy();
      deadlines.close();
    },
  };
}

function send(agent: Agent, { method, url, headers, body }: TransportRequest, exchange: Exchange) {
  try {
    const request = requestHttp(url, { method, headers: { ...headers }, agent });
    const controller = { abort: (reason: Error) => void request.destroy(reason) };
    const fail = (error: Error) => exchange.onResponseError(controller, error);
    exchange.onRequestStart(controller);
    request.on("error", fail);
    request.on("response", (response) => {
      exchange.onResponseStart(controller, response.statusCode ?? 0, response.headers);
      response.on("data", (chunk: Buffer) => exchange.onResponseData(controller, chunk));
      response.on("end", () => exchange.onResponseEnd());
      response.on("error", fail);
    });
    request.end(body ?? undefined);
  } catch (error) {
    // A header that cannot be sent.
    exchange.onResponseError(null, error instanceof Error ? error : new Error(String(error)));
  }
}
