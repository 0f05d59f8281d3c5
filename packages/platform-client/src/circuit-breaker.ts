import type { BreakerOutcome, RouteGroup } from "./breaker-outcome.ts";
import { Circuit } from "./circuit.ts";
import { type Clock, systemClock } from "./clock.ts";
import { plain } from "./plain.ts";

/** Permission to send one request. Return it to `release`. */
export interface Permit {
  readonly group: RouteGroup;
  readonly workspaceId: string;
  readonly startedAt: number;
  readonly probesPlatform: boolean;
  readonly probesGroup: boolean;
}

/**
 * Shared knowledge about a platform's health. Give all clients of one platform the same breaker.
 *
 * - It opens after three consecutive failures. Then it allows one probe at a time, first after 5 s, doubling up to 60
 *   s.
 * - It honours `Retry-After`, up to one hour.
 * - A failure or pause on `/workspaces/*` blocks those routes only; one on register or heartbeat blocks all routes.
 * - A 429 from a per-bearer limit blocks that workspace only.
 */
export interface CircuitBreaker {
  /** Returns a permit, which must be released, or how long to wait. */
  acquire(group: RouteGroup, workspaceId: string): Permit | { readonly retryAfterMs: number };
  /** Returns a permit, and records the request's outcome. */
  release(permit: Permit, outcome: BreakerOutcome): void;
  /** True while this group's requests are blocked, except for occasional probes. */
  isOpen(group: RouteGroup): boolean;
  /** How long until a request of this group may start; 0: now. */
  retryAfterMs(group: RouteGroup): number;
}

/** When more workspaces than this are limited at once, the platform as a whole is treated as limited. */
const MANY_LIMITED = 10_000;

/**
 * Creates a circuit breaker for one platform.
 *
 * @param options.clock the source of time. @default the runtime's
 */
export function createCircuitBreaker(options: { readonly clock?: Clock } = {}): CircuitBreaker {
  const { clock = systemClock } = plain(options);
  return new Breaker(clock);
}

class Breaker implements CircuitBreaker {
  readonly #clock: Clock;
  /** Updated by `registry` requests, and by every request without a response. */
  readonly #platform = new Circuit();
  readonly #workspaces = new Circuit();
  /** The platform's last failure was a missing response: any response then closes the breaker. */
  #isUnreachable = false;
  /** When rate-limited workspaces may send again, by group and id. */
  readonly #limited = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  acquire(group: RouteGroup, workspaceId: string): Permit | { readonly retryAfterMs: number } {
    const now = this.#clock.monotonic();
    const retryAfterMs = Math.max(this.#waitMs(group, now), this.#limitedMs(group, workspaceId, now));
    if (retryAfterMs > 0) return { retryAfterMs };
    const probesPlatform = this.#platform.needsProbe() && this.#mayProbe(group);
    const probesGroup = group === "workspaces" && this.#workspaces.needsProbe();
    if (probesPlatform) this.#platform.startProbe(now);
    if (probesGroup) this.#workspaces.startProbe(now);
    return { group, workspaceId, startedAt: now, probesPlatform, probesGroup };
  }

  release(permit: Permit, { health, retryAfterMs }: BreakerOutcome): void {
    const { group, startedAt } = permit;
    if (permit.probesPlatform) this.#platform.endProbe();
    if (permit.probesGroup) this.#workspaces.endProbe();
    if (health === "unknown") return;
    const now = this.#clock.monotonic();
    if (health === "limited") {
      this.#limit(permit, now + retryAfterMs, now);
    } else if (health === "unreachable" || (health === "fails" && group === "registry")) {
      this.#isUnreachable = health === "unreachable";
      this.#platform.fail(startedAt, now, retryAfterMs);
    } else {
      if (group === "registry" || this.#isUnreachable) this.#platform.succeed(startedAt);
      if (group === "workspaces" && health === "fails") this.#workspaces.fail(startedAt, now, retryAfterMs);
      if (group === "workspaces" && health === "works") this.#workspaces.succeed(startedAt);
    }
  }

  isOpen(group: RouteGroup): boolean {
    const now = this.#clock.monotonic();
    return this.#platform.isOpen(now) || (group === "workspaces" && this.#workspaces.isOpen(now));
  }

  retryAfterMs(group: RouteGroup): number {
    return this.#waitMs(group, this.#clock.monotonic());
  }

  #waitMs(group: RouteGroup, now: number): number {
    const wait = this.#mayProbe(group) ? this.#platform.waitMs(now) : this.#platform.pauseMs(now);
    return group === "workspaces" ? Math.max(wait, this.#workspaces.waitMs(now)) : wait;
  }

  /** Only the routes that failed can prove that they work again. Others need no probe, and only wait for the pause. */
  #mayProbe(group: RouteGroup): boolean {
    return group === "registry" || this.#isUnreachable;
  }

  #limitedMs(group: RouteGroup, workspaceId: string, now: number): number {
    if (this.#limited.size === 0) return 0;
    const all = this.#limited.get(limitKey("registry", workspaceId)) ?? now;
    const own = this.#limited.get(limitKey(group, workspaceId)) ?? now;
    return Math.max(0, all - now, own - now);
  }

  #limit({ group, workspaceId }: Permit, until: number, now: number): void {
    if (this.#limited.size >= MANY_LIMITED) {
      for (const [key, end] of this.#limited) if (end <= now) this.#limited.delete(key);
    }
    if (this.#limited.size >= MANY_LIMITED) this.#platform.pause(now, until - now);
    else this.#limited.set(limitKey(group, workspaceId), until);
  }
}

/** A limit reported by a registry route applies to all of that workspace's routes. */
const limitKey = (group: RouteGroup, workspaceId: string) => `${group} ${workspaceId}`;
