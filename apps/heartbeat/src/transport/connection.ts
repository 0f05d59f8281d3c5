import type { Transport, TransportRequest, TransportResponse } from "@x/platform-client";
import type { Clock } from "../clock.ts";
import { AbortListeners } from "./abort-listeners.ts";
import { Deadlines } from "./deadlines.ts";
import { Exchange, type ExchangeContext } from "./exchange.ts";
import { GrowingPool } from "./growing-pool.ts";
import { CONNECTIONS, directRoute, type PlatformRoute, routeThrough } from "./platform-route.ts";
import type { Proxies } from "./proxies.ts";
import { type SchemeCheck, schemeCheckFor } from "./scheme-check.ts";

/** Kept-alive connections to one platform. */
export interface Connection extends Transport {
  /** Aborts everything in flight and closes all connections. */
  close(): Promise<void>;
}

/** How a platform is reached. */
export type Connect = (platformUrl: string, clock: Clock) => Connection;

/** Through the proxy that the environment names for a platform, if any. Timeouts run on the clock. */
export const connectThrough =
  (proxies: Proxies): Connect =>
  (platformUrl, clock) => {
    const { proxy } = proxies.routeTo(platformUrl);
    return proxy === null ? connect(platformUrl, clock) : over(routeThrough(proxies, platformUrl), clock);
  };

/** Over HTTP without a proxy, for many concurrent requests. Timeouts run on `clock`. */
export const connect: Connect = (platformUrl, clock) =>
  over(directRoute(platformUrl), clock, schemeCheckFor(platformUrl));

function over(
  { origin, client, isForwarded, onTheWire, close }: PlatformRoute,
  clock: Clock,
  schemeCheck: SchemeCheck | null = null,
): Connection {
  const pool = new GrowingPool(origin, { connections: CONNECTIONS, clock, client });
  const deadlines = new Deadlines(clock);
  const context: ExchangeContext = { deadlines, listeners: new AbortListeners(), schemeCheck };

  function send(request: TransportRequest): Promise<TransportResponse> {
    return new Promise((resolve, reject) => {
      const exchange = new Exchange(request, context, { resolve, reject });
      const { method, body, url } = request;
      const { path, headers } = onTheWire(url);
      const all = isForwarded ? { ...request.headers, ...headers } : request.headers;
      // One limit covers the whole exchange: waiting for a connection, sending, and reading the answer.
      pool.dispatch({ method, path, headers: all, body, headersTimeout: 0, bodyTimeout: 0 }, exchange);
    });
  }
  async function sendForwarded(request: TransportRequest): Promise<TransportResponse> {
    const response = await send(request);
    // No platform answers with this status: it comes from a proxy.
    if (response.status === 407) throw Object.assign(new Error(), { code: "PROXY_HTTP_407" });
    return response;
  }
  return {
    request: isForwarded ? sendForwarded : send,
    async close() {
      await Promise.all([pool.destroy(), close()]);
      deadlines.close();
    },
  };
}
