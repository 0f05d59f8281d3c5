import { Circuit } from "./circuit.ts";
import { type Clock, systemClock } from "./clock.ts";
import { plain } from "./plain.ts";
import type { RouteGroup, Verdict } from "./verdict.ts";

/** Permission to send one request. Return it with `release`. */
export interface Permit {
  readonly group: RouteGroup;
  readonly workspaceId: string;
  readonly startedAt: number;
  readonly probesPlatform: boolean;
  readonly probesGroup: boolean;
}

/**
 * What all clients of one platform know about it together. Give all of them the same one.
 *
 * - Three consecutive failures open it; then one probe at a time goes out, after 5 s and, doubling, at most every 60 s.
 * - `Retry-After` is honoured, up to one hour.
 * - A failure or a pause on `/workspaces/*` holds up those routes only; one on register or heartbeat, all routes.
 * - A 429 of a limit that counts each bearer by itself holds up that workspace only.
 */
export interface CircuitBreaker {
  /** A permit, or how long to wait. A permit has to be released. */
  acquire(group: RouteGroup, workspaceId: string): Permit | { readonly retryAfterMs: number };
  /** Ends a permit with what was learned. */
  release(permit: Permit, verdict: Verdict): void;
  /** True while requests of this group are held up, a probe now and then excepted. */
  isOpen(group: RouteGroup): boolean;
  /** Until a request of this group may start; 0: now. */
  retryAfterMs(group: RouteGroup): number;
}

/** More workspaces than this that are limited at once are a limit on the platform as a whole. */
const MANY_LIMITED = 10_000;

/**
 * A circuit breaker for one platform.
 *
 * @param options.clock where time comes from. @default the runtime's
 */
export function createCircuitBreaker(options: { readonly clock?: Clock } = {}): CircuitBreaker {
  const { clock = systemClock } = plain(options);
  return new Breaker(clock);
}

class Breaker implements CircuitBreaker {
  readonly #clock: Clock;
  /** Fed by `registry`, and by every request without an answer. */
  readonly #platform = new Circuit();
  readonly #workspaces = new Circuit();
  /** The platform's last failure was no answer at all: then any answer ends it. */
  #isUnreachable = false;
  /** When workspaces that are limited may send again, by group and id. */
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

  release(permit: Permit, { health, retryAfterMs }: Verdict): void {
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

  /** Only the routes that failed can show that they work again. Others need no probe, and just wait for the pause. */
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

/** A limit that a registry route reports holds for all routes of that workspace. */
const limitKey = (group: RouteGroup, workspaceId: string) => `${group} ${workspaceId}`;
