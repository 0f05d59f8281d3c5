import { Agent, request as requestHttp } from "node:http";
import type { Agent as SecureAgent } from "node:https";
import type { TransportRequest, TransportResponse } from "@x/platform-client";
import type { Clock } from "../clock.ts";
import { AbortListeners } from "./abort-listeners.ts";
import type { Connection } from "./connection.ts";
import { Exchange } from "./exchange.ts";

/** How requests of one scheme are made. */
interface Scheme {
  readonly agent: Agent | SecureAgent;
  readonly open: typeof requestHttp;
}

/**
 * A few requests, one after another, with what Node brings: there for a command that is over before a pool, or what is
 * behind `fetch`, has loaded.
 */
export async function connectPlainly(platformUrl: string, clock: Clock): Promise<Connection> {
  const scheme = new URL(platformUrl).protocol === "https:" ? await secure() : plain();
  const listeners = new AbortListeners();
  return {
    request: (request) =>
      new Promise<TransportResponse>((resolve, reject) => {
        send(scheme, request, new Exchange(request, { clock, listeners, resolve, reject }));
      }),
    close: async () => scheme.agent.destroy(),
  };
}

function send({ agent, open }: Scheme, { method, url, headers, body }: TransportRequest, exchange: Exchange) {
  try {
    const request = open(url, { method, headers: { ...headers }, agent });
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

const plain = (): Scheme => ({ agent: new Agent({ keepAlive: true }), open: requestHttp });

/** Loading TLS takes longer than all the rest, and a platform on this machine does without. */
async function secure(): Promise<Scheme> {
  const https = await import("node:https");
  return { agent: new https.Agent({ keepAlive: true }), open: https.request };
}
