import type { Clock } from "./clock.ts";
import { numberOf, withoutMark } from "./json.ts";
import type { RateLimit } from "./result.ts";
import type { TransportResponse } from "./transport.ts";

/** A response, parsed as far as its meaning does not depend on the request. */
export interface Reply {
  /** 0: a redirect hidden by the browser. */
  readonly status: number;
  /** The parsed JSON; `undefined` if there is none. */
  readonly body: unknown;
  readonly shape: "json" | "empty" | "not-json" | "too-long";
  readonly retryAfterMs: number;
  readonly rateLimit: RateLimit | undefined;
  /** Origin that a 3xx redirects to. */
  readonly redirectOrigin: string | undefined;
}

/** Longer pauses requested by the platform are capped. */
const MAX_RETRY_AFTER_MS = 3_600_000;

/**
 * @param url the requested URL; a redirect may be relative to it
 */
export function readReply(response: TransportResponse, url: string, clock: Clock): Reply {
  const { status, headers, text } = response;
  let body: unknown;
  let shape: Reply["shape"] = "json";
  if (text === null) shape = "too-long";
  else if (text === "") shape = "empty";
  else {
    try {
      body = JSON.parse(withoutMark(text));
    } catch {
      shape = "not-json";
    }
  }
  const isSuccess = status >= 200 && status < 300;
  return {
    status,
    body,
    shape,
    retryAfterMs: isSuccess ? 0 : retryAfter(headers, body, clock),
    rateLimit: rateLimitIn(headers, clock),
    redirectOrigin: status >= 300 && status < 400 ? originOf(headers.get("location"), url) : undefined,
  };
}

/**
 * Seconds or a date (RFC 9110, section 10.2.3), else the body's `retry_after`, as milliseconds; 0 for anything else. If
 * there are several headers, as from the platform and an edge proxy, the longest number of seconds counts.
 */
function retryAfter(headers: TransportResponse["headers"], body: unknown, clock: Clock): number {
  const value = headers.get("retry-after")?.trim() ?? "";
  let ms = Number.NaN;
  if (/^\d+(\s*,\s*\d+)*$/.test(value)) ms = Math.max(...value.split(",").map(Number)) * 1000;
  else if (/[a-z]/i.test(value)) ms = Date.parse(value.slice(0, 64)) - serverTime(headers, clock);
  if (Number.isNaN(ms)) ms = (numberOf(body, "retry_after") ?? 0) * 1000;
  return ms > 0 ? Math.min(ms, MAX_RETRY_AFTER_MS) : 0;
}

/**
 * The server's dates are on its own clock, which its `Date` states: this machine's may be wrong by hours. A cached response
 * has had that `Date` for its `Age`.
 */
function serverTime(headers: TransportResponse["headers"], clock: Clock): number {
  const date = Date.parse(headers.get("date")?.slice(0, 64) ?? "");
  return Number.isNaN(date) ? clock.wall() : date + (wholeNumber(headers.get("age")) ?? 0) * 1000;
}

/** Greater values are seconds since 1970, not seconds from now. */
const YEAR_2001 = 1_000_000_000;

function rateLimitIn(headers: TransportResponse["headers"], clock: Clock): RateLimit | undefined {
  const limit = wholeNumber(headers.get("x-ratelimit-limit"));
  if (limit === null) return undefined;
  const remaining = wholeNumber(headers.get("x-ratelimit-remaining")) ?? 0;
  const reset = wholeNumber(headers.get("x-ratelimit-reset")) ?? 0;
  const resetMs = reset >= YEAR_2001 ? reset * 1000 - serverTime(headers, clock) : reset * 1000;
  return { limit, remaining, resetAfterMs: Math.min(Math.max(0, resetMs), MAX_RETRY_AFTER_MS) };
}

function wholeNumber(text: string | null | undefined): number | null {
  if (typeof text !== "string" || text === "" || text.length > 15) return null;
  const value = Number(text);
  return Number.isInteger(value) && value >= 0 ? value : null;
}

function originOf(location: string | null | undefined, base: string): string | undefined {
  if (typeof location !== "string" || !URL.canParse(location, base)) return undefined;
  const { origin } = new URL(location, base);
  return origin === "null" ? undefined : origin;
}
