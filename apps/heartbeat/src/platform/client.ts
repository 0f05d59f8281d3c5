import { Agent, type Dispatcher } from "undici";
import type { Clock } from "../clock.ts";
import type { Reply } from "./reply.ts";

/** No answer of the platform is larger; of one that is, the rest is not read. */
const MAX_BODY_BYTES = 1024 * 1024;

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

/** Sends requests to one platform over kept-alive connections. Never rejects: what goes wrong is in the reply. */
export interface PlatformClient {
  readonly baseUrl: string;
  send(request: PlatformRequest): Promise<Reply>;
  close(): Promise<void>;
}

/**
 * @param baseUrl checked before; what the paths are appended to
 * @param connections how many requests may be under way at once; the others wait
 */
export function createPlatformClient(baseUrl: string, clock: Clock, connections = 64): PlatformClient {
  const base = new URL(baseUrl.endsWith("/") ? baseUrl : `${baseUrl}/`);
  const agent = new Agent({ connections, pipelining: 1, connect: { timeout: 30_000 } });
  return {
    baseUrl,
    close: () => agent.destroy(),
    async send({ method, path, headers, json, timeoutMs, signal }) {
      const abort = new AbortController();
      const giveUp = () => abort.abort();
      signal?.addEventListener("abort", giveUp);
      const settled = new AbortController();
      let timedOut = false;
      void clock.sleep(timeoutMs, settled.signal).then(() => {
        timedOut = !settled.signal.aborted;
        if (timedOut) giveUp();
      });
      if (signal?.aborted) giveUp();
      try {
        const body = json === undefined ? null : JSON.stringify(json);
        const response = await agent.request({
          origin: base.origin,
          path: base.pathname + path,
          method,
          headers: body === null ? headers : { ...headers, "Content-Type": "application/json" },
          body,
          signal: abort.signal,
          headersTimeout: 0,
          bodyTimeout: 0,
        });
        return await readReply(response, base, clock);
      } catch (error) {
        const failure = signal?.aborted ? "STOPPED" : timedOut ? "TIMEOUT" : failureCode(error);
        return { status: 0, body: {}, empty: true, retryAfterMs: 0, failure };
      } finally {
        settled.abort();
        signal?.removeEventListener("abort", giveUp);
      }
    },
  };
}

async function readReply(response: Dispatcher.ResponseData, base: URL, clock: Clock): Promise<Reply> {
  const { statusCode, headers, body } = response;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) break;
    chunks.push(chunk);
  }
  const retryAfterMs = retryAfter(headers["retry-after"], clock);
  const json = size > MAX_BODY_BYTES ? {} : parseObject(Buffer.concat(chunks).toString("utf8"));
  const reply = { status: statusCode, body: json, empty: size === 0, retryAfterMs };
  const redirectedTo = statusCode >= 300 && statusCode < 400 ? originOf(headers.location, base) : null;
  return redirectedTo === null ? reply : { ...reply, redirectedTo };
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : Array.isArray(value) ? { items: value } : {};
  } catch {
    return {};
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Delay in seconds or a date (RFC 9110, section 10.2.3), as milliseconds; 0 for anything else. */
function retryAfter(value: string | string[] | undefined, clock: Clock): number {
  if (typeof value !== "string") return 0;
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? 0 : Math.max(0, date - clock.wall());
}

function originOf(location: string | string[] | undefined, base: URL): string | null {
  return typeof location === "string" && URL.canParse(location, base.href)
    ? new URL(location, base).origin
    : null;
}

/** Only the code: a library's message may quote a header, and with it the token. */
function failureCode(error: unknown): string {
  const code: unknown = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : "TRANSPORT_FAILED";
}
