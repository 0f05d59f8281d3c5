import type { Duplex } from "node:stream";
import { networkErrorCode } from "@x/platform-client";
import { buildConnector, Pool } from "undici";
import type { ProxyRoute } from "./proxies.ts";

type Connector = ReturnType<typeof buildConnector>;

/** An error of the proxy rather than of the platform behind it: its code begins with `PROXY_`. */
const proxyError = (code: string): Error => Object.assign(new Error(code), { code: `PROXY_${code}` });

/** Shorter than a request's timeout, so that an unresponsive proxy is not mistaken for the platform. */
const PROXY_TIMEOUT_MS = 8_000;

/** Connects to the proxy itself. */
export function connectToProxy(): Connector {
  const connect = buildConnector({ timeout: PROXY_TIMEOUT_MS, autoSelectFamily: true });
  return (options, callback) =>
    // Its certificate is for its own name; undici would use the name in the `Host` header, which is the platform's.
    connect({ ...options, servername: "" }, (...[error, socket]) => {
      if (error === null) callback(null, socket);
      else callback(proxyError(networkErrorCode(error)), null);
    });
}

/** Connections through one proxy, each in a tunnel opened with CONNECT (RFC 9110, section 9.3.6). */
export function tunnelThrough(route: ProxyRoute, target: URL, connectTimeoutMs: number) {
  const proxy = new Pool(route.origin, {
    connect: connectToProxy(),
    headersTimeout: PROXY_TIMEOUT_MS,
  });
  const secure = buildConnector({ timeout: connectTimeoutMs });
  const authority = `${target.hostname}:${target.port || 443}`;

  async function open(): Promise<Duplex> {
    const authorization = route.authorization();
    const { statusCode, socket } = await proxy.connect({
      path: authority,
      headers: {
        host: authority,
        ...(authorization !== null && { "proxy-authorization": authorization }),
      },
    });
    if (statusCode >= 200 && statusCode < 300) return socket;
    socket.on("error", () => {}).destroy();
    throw proxyError(`HTTP_${statusCode}`);
  }

  const connect: Connector = (options, callback) => {
    open().then(
      (socket) => secure({ ...options, httpSocket: socket as never }, callback),
      (error: unknown) => {
        const code = networkErrorCode(error);
        callback(code.startsWith("PROXY_") ? (error as Error) : proxyError(code), null);
      },
    );
  };
  return { connect, close: () => proxy.destroy() };
}
