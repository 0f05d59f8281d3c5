/** The request rate wanted by a fleet, or by the part of it that shares one limit. */
export interface Demand {
  readonly workspaces: number;
  /** From one heartbeat of a workspace to the next. */
  readonly intervalMs: number;
  /** From one check of an inbox to the next; `null` when inboxes are not checked. */
  readonly inboxMs: number | null;
}

/** The intervals that fit into a limit. */
export interface Pace {
  readonly heartbeatMs: number;
  /** Factor by which inboxes are checked less often, 1 or more. */
  readonly inboxFactor: number;
  /** The same for all other jobs. */
  readonly jobFactor: number;
  /** Requests per minute that were wanted. */
  readonly wanted: number;
  readonly isStretched: boolean;
}

const MINUTE_MS = 60_000;
/** Reserved for irregular requests: registrations, answers, repetitions. */
const USABLE = 0.9;
/** Minimum shares of the limit for the inboxes, and for the other jobs. */
const KEPT_FOR_INBOXES = 0.1;
const KEPT_FOR_JOBS = 0.02;
/** A workspace checks its status every five minutes, and its delegations with each heartbeat. */
const STATUS_CHECK_MS = 300_000;

/**
 * Heartbeats come first; inboxes and other jobs share the rest in proportion to what they want.
 *
 * @param limit requests per minute
 */
export function paceFor({ workspaces, intervalMs, inboxMs }: Demand, limit: number): Pace {
  const perMinute = (everyMs: number) => (workspaces * MINUTE_MS) / everyMs;
  const heartbeats = perMinute(intervalMs);
  const inboxes = inboxMs === null ? 0 : perMinute(inboxMs);
  const jobs = heartbeats + perMinute(STATUS_CHECK_MS);
  const wanted = heartbeats + inboxes + jobs;
  const usable = USABLE * limit;
  if (wanted <= usable)
    return { heartbeatMs: intervalMs, inboxFactor: 1, jobFactor: 1, wanted, isStretched: false };
  const kept = (inboxMs === null ? 0 : KEPT_FOR_INBOXES * limit) + KEPT_FOR_JOBS * limit;
  const sent = Math.min(heartbeats, usable - kept);
  const left = usable - sent;
  const fair = (left * inboxes) / (inboxes + jobs);
  const forInboxes = inboxMs === null ? 0 : Math.min(inboxes, Math.max(fair, KEPT_FOR_INBOXES * limit));
  return {
    heartbeatMs: intervalMs * (heartbeats / sent),
    inboxFactor: inboxes === 0 ? 1 : Math.max(1, inboxes / forInboxes),
    jobFactor: Math.max(1, jobs / (left - forInboxes)),
    wanted,
    isStretched: true,
  };
}
