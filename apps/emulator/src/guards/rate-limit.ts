import type { FastifyReply, FastifyRequest } from "fastify";
import type { Clock } from "../contract.ts";
import { keepNewest, MAX_ADDRESSES } from "../limits.ts";

/** How many requests one address may make. */
export interface RateLimit {
  /** Requests in a window. */
  readonly max: number;
  readonly windowMs: number;
}

interface Window {
  startedAt: number;
  left: number;
}

/**
 * The platform's limit: a window that opens with an address's first request and refills as a whole.
 *
 * Written here because the counting is all there is to it, and it has to follow the emulator's clock, which
 * the usual plugin only does with a counting store written for it.
 */
export function rateLimitGuard({ max, windowMs }: RateLimit, clock: Clock) {
  const windows = new Map<string, Window>();

  const windowOf = (address: string, now: number): Window => {
    const open = windows.get(address);
    if (open && now - open.startedAt < windowMs) return open;
    // Windows are in the order in which they opened: the first ones are over, or the oldest.
    windows.delete(address);
    const fresh = { startedAt: now, left: max };
    windows.set(address, fresh);
    keepNewest(windows, MAX_ADDRESSES);
    return fresh;
  };

  return (request: FastifyRequest, reply: FastifyReply): FastifyReply | undefined => {
    const now = clock.now();
    const window = windowOf(request.ip, now);
    // Whole seconds, rounded down as the server does: 0 in the last second of a window.
    const resetSeconds = Math.floor((window.startedAt + windowMs - now) / 1000);
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
