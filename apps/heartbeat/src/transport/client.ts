import type { Clock } from "../clock.ts";
import { AbortListeners } from "./abort-listeners.ts";
import { exchange } from "./exchange.ts";
import { readReply } from "./read-reply.ts";
import type { Reply } from "./reply.ts";
import type { Transport } from "./transport.ts";

export interface PlatformRequest {
  readonly method: "GET" | "POST";
  /** Below the platform's base URL, without a slash at its start. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly timeoutMs: number;
  /** Gives the request up. */
  readonly signal?: AbortSignal | undefined;
}

/** Sends requests to one platform. Never rejects: what goes wrong is in the reply. */
export interface PlatformClient {
  readonly baseUrl: string;
  send(request: PlatformRequest): Promise<Reply>;
  close(): Promise<void>;
}

/**
 * @param baseUrl checked before; what the paths are appended to
 * @param transport to the base URL's origin
 */
export function createPlatformClient(baseUrl: string, clock: Clock, transport: Transport): PlatformClient {
  const base = new URL(baseUrl.endsWith("/") ? baseUrl : `${baseUrl}/`);
  const listeners = new AbortListeners();
  return {
    baseUrl,
    close: () => transport.destroy(),
    send({ method, path, headers, json, timeoutMs, signal }) {
      const body = json === undefined ? null : JSON.stringify(json);
      const request = {
        method,
        path: base.pathname + path,
        headers: body === null ? headers : { ...headers, "Content-Type": "application/json" },
        body,
        headersTimeout: 0,
        bodyTimeout: 0,
      } as const;
      const answered = exchange(transport, request, { clock, timeoutMs, signal, listeners });
      return answered.then((answer) => readReply(answer, base, clock.wall));
    },
  };
}
