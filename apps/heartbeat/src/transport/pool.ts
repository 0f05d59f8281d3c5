import { Pool } from "undici";
import type { Transport } from "./transport.ts";

const CONNECT_TIMEOUT_MS = 30_000;

/**
 * Kept-alive connections for many requests at once.
 *
 * @param connections how many requests may be in flight at once; the others wait
 */
export function createPooledTransport(baseUrl: string, connections = 64): Transport {
  const connect = { timeout: CONNECT_TIMEOUT_MS };
  return new Pool(new URL(baseUrl).origin, { connections, pipelining: 1, connect });
}
