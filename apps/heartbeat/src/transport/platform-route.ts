import type { Client } from "undici";
import { connectToProxy, tunnelThrough } from "./proxied-pool.ts";
import type { Proxies, ProxyRoute } from "./proxies.ts";

/** How to send a request. */
interface OnTheWire {
  readonly path: string;
  /** Added to those of the request. */
  readonly headers: Readonly<Record<string, string>>;
}

/** How to reach a platform. */
export interface PlatformRoute {
  /** The origin to connect to: the platform's, or that of a forwarding proxy. */
  readonly origin: string;
  /** For undici's clients. */
  readonly client: Client.Options;
  /** An answer with status 407 comes from a proxy. */
  readonly isForwarded: boolean;
  /** @param url absolute URL at the platform */
  onTheWire(url: string): OnTheWire;
  /** Closes what a proxy still keeps open. */
  close(): Promise<void>;
}

/** How many requests to one platform may be in flight at once; the others wait for a connection. */
export const CONNECTIONS = 64;

const CONNECT_TIMEOUT_MS = 30_000;
/**
 * How long an idle connection is kept if the server does not say: longer than the longest interval between two
 * heartbeats, and shorter than the 350 s after which gateways silently drop it.
 */
const KEEP_ALIVE_MS = 330_000;

const CLIENT = {
  pipelining: 1,
  keepAliveTimeout: KEEP_ALIVE_MS,
  keepAliveMaxTimeout: KEEP_ALIVE_MS,
  // If a name has addresses of both families, the next one is tried when one does not answer (RFC 8305).
  autoSelectFamily: true,
} as const;

/** Through the proxy that the environment names for a platform, if any. */
export function routeThrough(proxies: Proxies, platformUrl: string): PlatformRoute {
  const { proxy } = proxies.routeTo(platformUrl);
  if (proxy === null) return directRoute(platformUrl);
  const target = new URL(platformUrl);
  return target.protocol === "https:" ? tunnelled(target, proxy) : forwarded(target, proxy);
}

/** Without a proxy. */
export function directRoute(platformUrl: string): PlatformRoute {
  const { origin } = new URL(platformUrl);
  return toPlatform(origin, { timeout: CONNECT_TIMEOUT_MS }, async () => {});
}

function tunnelled(target: URL, route: ProxyRoute): PlatformRoute {
  const tunnels = tunnelThrough(route, target, CONNECT_TIMEOUT_MS);
  return toPlatform(target.origin, tunnels.connect, tunnels.close);
}

const toPlatform = (
  origin: string,
  connect: Client.Options["connect"] & {},
  close: () => Promise<void>,
): PlatformRoute => ({
  origin,
  client: { ...CLIENT, connect },
  isForwarded: false,
  onTheWire: (url) => ({ path: url.slice(origin.length), headers: {} }),
  close,
});

/** A proxy gets the absolute URL (RFC 9112, section 3.2.2). */
function forwarded({ host }: URL, route: ProxyRoute): PlatformRoute {
  return {
    origin: route.origin,
    client: { ...CLIENT, connect: connectToProxy() },
    isForwarded: true,
    onTheWire(url) {
      const authorization = route.authorization();
      const own = authorization === null ? { host } : { host, "proxy-authorization": authorization };
      return { path: url, headers: own };
    },
    close: async () => {},
  };
}
