import type { RateLimitSeen } from "@x/platform-client";
import type { Clock } from "../clock.ts";
import type { Job } from "../workspace/jobs/job.ts";
import { REGISTRATION_REQUESTS } from "./entry.ts";
import { type Pace, paceFor } from "./pace.ts";
import { RequestWindow } from "./request-window.ts";

/** A platform's rate limit, and how the fleet adapts to it. */
export interface PaceStatus {
  readonly platformOrigin: string;
  /** Workspaces that share the limit. */
  readonly workspaces: number;
  readonly intervalMs: number;
  /** Requests per minute: wanted, and allowed. */
  readonly wanted: number;
  readonly limit: number;
  /** The intervals used instead. */
  readonly heartbeatMs: number;
  readonly inboxFactor: number;
  readonly jobFactor: number;
}

/** The limit is too low for the intervals; or even for the heartbeats, so that workspaces go offline. */
export type PaceEvent = PaceStatus &
  ({ readonly type: "rate-limit-low" } | { readonly type: "rate-limit-too-low" });

export interface PacerOptions {
  readonly platformOrigin: string;
  readonly intervalMs: number;
  readonly inboxMs: number | null;
  readonly clock: Pick<Clock, "monotonic">;
  readonly onEvent: (event: PaceEvent) => void;
}

/** How long a workspace of the platform may be silent. */
const LIVENESS_MS = 180_000;
/** The part of a tenant's limit that other jobs leave for the inboxes. */
const LEFT_FOR_INBOXES = 0.1;
/** Typical duration of a step that registers. */
const STEP_MS = 500;

/**
 * Fits the intervals of a platform's workspaces into its rate limit, as its answers state it: one limit per tenant, or
 * one per workspace without a tenant.
 */
export class Pacer {
  readonly #options: PacerOptions;
  readonly #window: RequestWindow;
  #workspaces = 0;
  /** Requests per minute; `null` when no limit was stated. */
  #limit: number | null = null;
  #isShared = false;
  /** Steps in progress. */
  #steps = 0;
  #pace: Pace | null = null;
  readonly #reported = new Set<PaceEvent["type"]>();

  constructor(options: PacerOptions) {
    this.#options = options;
    this.#window = new RequestWindow(options.clock);
  }

  get heartbeatMs(): number {
    return this.#current()?.heartbeatMs ?? this.#options.intervalMs;
  }

  /** From the end of a job's run to its next one. */
  jobMs({ kind, everyMs }: Job): number {
    const pace = this.#current();
    if (pace === null) return everyMs;
    return everyMs * (kind === "inbox" ? pace.inboxFactor : pace.jobFactor);
  }

  /** Called when the platform has stated a limit. */
  get hasLimit(): boolean {
    return this.#limit !== null;
  }

  /** How many requests may be sent in this window, beyond those that steps in progress may need. */
  room(): number {
    const window = this.#window.current();
    return window === null
      ? Number.POSITIVE_INFINITY
      : window.left - this.#steps * (REGISTRATION_REQUESTS - 1);
  }

  /** Milliseconds until the next registration or heartbeat may be sent; 0 for now. */
  stepPauseMs(): number {
    const window = this.#window.current();
    if (window === null) return 0;
    const least = Math.min(REGISTRATION_REQUESTS, window.limit / 10);
    if (window.left <= least) return window.endsAt - this.#options.clock.monotonic();
    // When the steps in progress have ended, it is known how many requests they needed.
    return this.#steps > 0 && this.room() <= least ? STEP_MS : 0;
  }

  /** A registration or a heartbeat starts. */
  stepBegins(): void {
    this.#steps += 1;
  }

  stepEnds(): void {
    this.#steps -= 1;
  }

  /** Milliseconds until a job may send a request; 0 for now. Leaves what the heartbeats of the window still need. */
  jobPauseMs({ kind }: Job): number {
    const window = this.#window.current();
    if (window === null) return 0;
    const leftMs = window.endsAt - this.#options.clock.monotonic();
    const heartbeats = (this.#workspaces * leftMs) / this.heartbeatMs;
    const inboxes = kind === "inbox" ? 0 : LEFT_FOR_INBOXES * window.limit * (leftMs / this.#window.lengthMs);
    return window.left > heartbeats + inboxes ? 0 : leftMs;
  }

  /** A request is sent. */
  sent(): void {
    this.#window.sent();
  }

  /** A request has ended. */
  ended(): void {
    this.#window.ended();
  }

  add(): void {
    this.#workspaces += 1;
    this.#pace = null;
  }

  remove(): void {
    this.#workspaces -= 1;
    this.#pace = null;
  }

  observe({ bucket, rateLimit }: Pick<RateLimitSeen, "bucket" | "rateLimit">): void {
    // Requests without a token are few, and share a limit with other clients at this address.
    if (bucket === "address" || rateLimit.limit <= 0) return;
    const isShared = bucket === "tenant";
    const limit = this.#window.observe(rateLimit, isShared);
    if (limit !== this.#limit || isShared !== this.#isShared) this.#pace = null;
    this.#limit = limit;
    this.#isShared = isShared;
    this.#report();
  }

  /** `null` while no limit was stated. */
  status(): PaceStatus | null {
    const pace = this.#current();
    if (pace === null || this.#limit === null) return null;
    const { platformOrigin, intervalMs } = this.#options;
    const { wanted, heartbeatMs, inboxFactor, jobFactor } = pace;
    const workspaces = this.#sharing();
    return {
      platformOrigin,
      workspaces,
      intervalMs,
      wanted,
      limit: this.#limit,
      heartbeatMs,
      inboxFactor,
      jobFactor,
    };
  }

  #sharing(): number {
    return this.#isShared ? this.#workspaces : 1;
  }

  #current(): Pace | null {
    if (this.#limit === null) return null;
    const { intervalMs, inboxMs } = this.#options;
    this.#pace ??= paceFor({ workspaces: this.#sharing(), intervalMs, inboxMs }, this.#limit);
    return this.#pace;
  }

  #report(): void {
    const pace = this.#current();
    if (pace?.isStretched !== true) return;
    const type = pace.heartbeatMs > LIVENESS_MS ? "rate-limit-too-low" : "rate-limit-low";
    if (this.#reported.has(type)) return;
    this.#reported.add(type);
    const status = this.status();
    if (status !== null) this.#options.onEvent({ type, ...status });
  }
}
