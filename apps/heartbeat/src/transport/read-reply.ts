import type { Answer, NoAnswer } from "./exchange.ts";
import type { Reply } from "./reply.ts";

/**
 * What an answer says.
 *
 * @param base what a redirect may be relative to
 * @param wall milliseconds since 1970: `Retry-After` may name a date
 */
export function readReply(answer: Answer | NoAnswer, base: URL, wall: () => number): Reply {
  if ("failure" in answer) {
    return { status: 0, body: {}, empty: true, retryAfterMs: 0, failure: answer.failure };
  }
  const { status, headers, body } = answer;
  const reply: Reply = {
    status,
    ...readBody(body),
    empty: body?.length === 0,
    retryAfterMs: retryAfter(headers["retry-after"], wall),
  };
  const redirectedTo = status >= 300 && status < 400 ? originOf(headers.location, base) : null;
  return redirectedTo === null ? reply : { ...reply, redirectedTo };
}

function readBody(body: Buffer | null): Pick<Reply, "body" | "unusable"> {
  if (body === null) return { body: {}, unusable: "too long to be one" };
  if (body.length === 0) return { body: {} };
  try {
    const value: unknown = JSON.parse(body.toString("utf8"));
    if (Array.isArray(value)) return { body: { items: value } };
    if (isRecord(value)) return { body: value };
  } catch {
    // Reported like any text that is not an object.
  }
  return { body: {}, unusable: "no JSON" };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Delay in seconds or a date (RFC 9110, section 10.2.3), as milliseconds; 0 for anything else. */
function retryAfter(value: string | string[] | undefined, wall: () => number): number {
  if (typeof value !== "string") return 0;
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? 0 : Math.max(0, date - wall());
}

function originOf(location: string | string[] | undefined, base: URL): string | null {
  return typeof location === "string" && URL.canParse(location, base.href)
    ? new URL(location, base).origin
    : null;
}
