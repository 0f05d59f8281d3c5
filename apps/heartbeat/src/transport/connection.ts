import type { Transport, TransportRequest, TransportResponse } from "@x/platform-client";
import { Pool } from "undici";
import type { Clock } from "../clock.ts";
import { AbortListeners } from "./abort-listeners.ts";
import { Exchange } from "./exchange.ts";

/** Kept-alive connections to one platform. */
export interface Connection extends Transport {
  /** Ends what is in flight, and all connections. */
  close(): Promise<void>;
}

/** How a platform is reached. */
export type Connect = (platformUrl: string, clock: Clock) => Connection;

const CONNECT_TIMEOUT_MS = 30_000;
/** How many requests to one platform may be in flight at once; the others wait for a connection. */
const CONNECTIONS = 64;

/** Over HTTP, for many requests at once. Timeouts run on `clock`. */
export const connect: Connect = (platformUrl, clock) => {
  const { origin } = new URL(platformUrl);
  const pool = new Pool(origin, {
    connections: CONNECTIONS,
    pipelining: 1,
    connect: { timeout: CONNECT_TIMEOUT_MS },
  });
  const listeners = new AbortListeners();

  function request(request: TransportRequest): Promise<TransportResponse> {
    return new Promise((resolve, reject) => {
      const exchange = new Exchange(request, { clock, listeners, resolve, reject });
      const { method, headers, body } = request;
      const path = request.url.slice(origin.length);
      // The exchange has one limit for all of it: waiting for a connection, sending, and reading the answer.
      pool.dispatch({ method, path, headers, body, headersTimeout: 0, bodyTimeout: 0 }, exchange);
    });
  }
  return { request, close: () => pool.destroy() };
};
