import type { Auth, Env } from "@x/auth-core";
import { Pool } from "undici";
import type { WorkspaceConfig } from "../config/workspaces.ts";
import { CONNECTIONS, routeThrough } from "../transport/platform-route.ts";
import { readProxies } from "../transport/proxies.ts";
import type { ProxyLimits } from "./forward.ts";
import { listenOnLoopback, listenOnSocket } from "./listen.ts";
import { closeServer, createProxyServer } from "./proxy-server.ts";
import { allowAll, requireSecret } from "./request-guard.ts";

/** Where a proxy listens. */
export type ProxyAddress =
  | { readonly socket: string }
  /** 0 picks any free port. */
  | { readonly port: number; readonly secret: string };

export interface OpenProxyOptions {
  readonly auth: Auth;
  readonly workspace: Pick<WorkspaceConfig, "id" | "platformUrl">;
  readonly env: Env;
  readonly limits?: ProxyLimits;
}

/** A listening proxy. */
export interface OpenedProxy {
  /** `unix:<path>`, or the URL of its port. */
  readonly location: string;
  /** Closes it and aborts everything in flight. */
  close(): Promise<void>;
}

/**
 * Signs requests from this machine for a workspace's platform.
 *
 * @throws ConfigError when it cannot listen there
 */
export async function openProxy(
  address: ProxyAddress,
  { auth, workspace: { id, platformUrl }, env, limits }: OpenProxyOptions,
): Promise<OpenedProxy> {
  const route = routeThrough(readProxies(env), platformUrl);
  const pool = new Pool(route.origin, { ...route.client, connections: CONNECTIONS });
  const disconnect = () => Promise.all([pool.destroy(), route.close()]);
  const server = createProxyServer({
    auth,
    workspaceId: id,
    platformUrl,
    pool,
    route,
    guard: "socket" in address ? allowAll : requireSecret(address.secret),
    ...(limits !== undefined && { limits }),
  });
  try {
    let location: string;
    if ("socket" in address) {
      await listenOnSocket(server, address.socket);
      location = `unix:${address.socket}`;
    } else location = await listenOnLoopback(server, address.port);
    return {
      location,
      async close() {
        await closeServer(server);
        await disconnect();
      },
    };
  } catch (error) {
    await disconnect();
    throw error;
  }
}
