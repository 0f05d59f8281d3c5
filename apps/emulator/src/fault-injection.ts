import { STATUS_CODES } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Fault, Faults } from "./faults.ts";
import { pathOf, resetConnection } from "./request.ts";

/**
 * Applies the current fault to a request. True if the request ends here: it was reset, left hanging, or answered by the
 * simulated edge. `closing` ends hanging requests.
 */
export async function injectFault(
  request: FastifyRequest,
  reply: FastifyReply,
  faults: Faults,
  closing: AbortSignal,
): Promise<boolean> {
  const fault = faults.take(pathOf(request));
  request.fault = fault?.kind ?? null;
  if (fault?.kind === "refuse") {
    reply.hijack();
    resetConnection(request.raw);
    return true;
  }
  if (faults.latencyMs > 0) await delay(faults.latencyMs, undefined, { signal: closing }).catch(() => {});
  if (!fault) return false;
  switch (fault.kind) {
    case "hang":
      reply.hijack();
      return true;
    case "lose-response":
      return false;
    case "status":
      await answer(reply, fault);
      return true;
  }
}

async function answer(reply: FastifyReply, fault: Fault & { kind: "status" }): Promise<void> {
  const { status, retryAfterSeconds } = fault;
  const body = fault.body ?? usualBody(status, retryAfterSeconds);
  if (retryAfterSeconds !== undefined) reply.header("retry-after", retryAfterSeconds);
  reply.code(status);
  if (body === "") return void (await reply.send());
  const isJson = /^\s*[{[]/.test(body);
  await reply.type(isJson ? "application/json; charset=utf-8" : "text/plain; charset=utf-8").send(body);
}

/** The real platform's body for this status. */
function usualBody(status: number, retryAfterSeconds = 0): string {
  switch (status) {
    case 204:
    case 304:
    case 403:
    case 404:
      return "";
    case 401:
      return JSON.stringify({ error: "invalid workspace auth token" });
    case 429:
      return JSON.stringify({ error: "rate limit exceeded", retry_after: retryAfterSeconds });
    case 503:
      return JSON.stringify({ error: "platform unavailable", code: "platform_unavailable" });
    case 530:
      return "error code: 1033";
    default:
      return JSON.stringify({ error: (STATUS_CODES[status] ?? "error").toLowerCase() });
  }
}
