import type { FastifyReply, FastifyRequest } from "fastify";
import { isBearer } from "../authorization.ts";
import type { Clock } from "../contract.ts";
import { keepNewest, MAX_BUCKETS } from "../limits.ts";

/** The limit of a bucket: one for each organization if named, else each bearer, else each address. */
export interface RateLimit {
  /** Requests per window. */
  readonly max: number;
  readonly windowMs: number;
}

interface Window {
  startedAt: number;
  left: number;
}

/**
 * The platform's limit: a window that opens with a bucket's first request and refills as a whole.
 *
 * Implemented here because the logic is small and has to follow the emulator's clock, which the usual plugin supports
 * only with a custom store.
 */
export function rateLimitGuard({ max, windowMs }: RateLimit, clock: Clock) {
  const windows = new Map<string, Window>();

  const windowOf = (bucket: string, now: number): Window => {
    const open = windows.get(bucket);
    if (open && now - open.startedAt < windowMs) return open;
    // Windows are sorted by start: the first ones are over, or the oldest.
    windows.delete(bucket);
    const fresh = { startedAt: now, left: max };
    windows.set(bucket, fresh);
    keepNewest(windows, MAX_BUCKETS);
    return fresh;
  };

  return (request: FastifyRequest, reply: FastifyReply): FastifyReply | undefined => {
    const now = clock.now();
    const window = windowOf(bucketOf(request), now);
    // Whole seconds left, as on the server, where a window has already begun: 59 of 60 at first, 0 at the end.
    const resetSeconds = Math.ceil((window.startedAt + windowMs - now) / 1000) - 1;
    reply
      .header("x-ratelimit-limit", max)
      .header("x-ratelimit-remaining", Math.max(0, window.left - 1))
      .header("x-ratelimit-reset", resetSeconds);
    if (window.left <= 0) {
      return reply
        .code(429)
        .header("retry-after", resetSeconds)
        .send({ error: "rate limit exceeded", retry_after: resetSeconds });
    }
    window.left -= 1;
    return undefined;
  };
}

/** The request's bucket. Requests that name an organization share its bucket, regardless of the bearer. */
function bucketOf({ headers, presented, ip }: FastifyRequest): string {
  const org = headers["x-molecule-org-id"];
  if (typeof org === "string" && org.trim() !== "") return `org ${org.slice(0, 256)}`;
  return isBearer(presented) ? `bearer ${presented.digest.toString("hex")}` : `address ${ip}`;
}
