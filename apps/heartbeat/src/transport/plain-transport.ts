import { Agent, type RequestOptions, request as requestHttp } from "node:http";
import type { Agent as SecureAgent } from "node:https";
import type { Transport } from "./transport.ts";

/** How requests of one scheme are made. */
interface Scheme {
  readonly agent: Agent | SecureAgent;
  readonly request: typeof requestHttp;
}

/** A few requests, one after another, with what Node brings: there for a command that is over before a pool has loaded. */
export async function createPlainTransport(baseUrl: string): Promise<Transport> {
  const { origin, protocol } = new URL(baseUrl);
  const { agent, request: open } = protocol === "https:" ? await secure() : plain();
  return {
    dispatch({ method, path, headers, body }, handler) {
      const options: RequestOptions = { method, headers, agent };
      try {
        const request = open(origin + path, options);
        const controller = { abort: (reason: Error) => void request.destroy(reason) };
        const fail = (error: Error) => handler.onResponseError(controller, error);
        handler.onRequestStart(controller);
        request.on("error", fail);
        request.on("response", (response) => {
          handler.onResponseStart(controller, response.statusCode ?? 0, response.headers);
          response.on("data", (chunk: Buffer) => handler.onResponseData(controller, chunk));
          response.on("end", () => handler.onResponseEnd());
          response.on("error", fail);
        });
        request.end(body ?? undefined);
      } catch (error) {
        // A header that cannot be sent.
        handler.onResponseError(null, error instanceof Error ? error : new Error(String(error)));
      }
    },
    destroy: async () => agent.destroy(),
  };
}

const plain = (): Scheme => ({ agent: new Agent({ keepAlive: true }), request: requestHttp });

/** Loading TLS takes longer than all the rest, and a platform on this machine does without. */
async function secure(): Promise<Scheme> {
  const https = await import("node:https");
  return { agent: new https.Agent({ keepAlive: true }), request: https.request };
}
