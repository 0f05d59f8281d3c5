import type { Random } from "../workspace/backoff.ts";

/** Part of the interval by which a heartbeat may be off its phase; so two are one interval apart, ± a tenth. */
const MAX_JITTER = 0.05;
const GOLDEN_RATIO = (Math.sqrt(5) - 1) / 2;

/**
 * The phase of a workspace: where in the interval its heartbeats are, from 0 to 1. Multiples of the golden ratio leave no gap and make no
 * cluster however many there are (a low-discrepancy sequence), so one that comes or goes moves none of the others.
 *
 * @param index of the workspace, in order of arrival
 */
export function phaseOf(index: number): number {
  return (index * GOLDEN_RATIO) % 1;
}

/**
 * When the next heartbeat is due: in the workspace's phase, half an interval to one and a half from now. All times are
 * milliseconds since the fleet's start.
 *
 * @param phase from 0 to 1
 * @param count how many workspaces share the interval; the more, the smaller the jitter
 */
export function nextHeartbeatAt(
  phase: number,
  intervalMs: number,
  count: number,
  now: number,
  random: Random,
): number {
  const rounds = Math.ceil((now + intervalMs / 2) / intervalMs - phase);
  const jitter = Math.min(MAX_JITTER, 0.5 / count);
  return (rounds + phase + jitter * (2 * random() - 1)) * intervalMs;
}

/** Workspaces that become due together go one after another, this far apart, or within an interval if that is shorter. */
const APART_MS = 10;

/** When the one at `position` of `count` goes, counted from now, in milliseconds. */
export function releaseDelay(position: number, count: number, intervalMs: number): number {
  return position * Math.min(APART_MS, intervalMs / count);
}

/**
 * When a workspace has its first turn, in milliseconds from its arrival. The first ones go one after another; those for
 * whom that would take longer than an interval go in their phases, among the others.
 *
 * @param index of the workspace, in order of arrival
 */
export function firstDelay(index: number, intervalMs: number): number {
  const inTurn = index * APART_MS;
  return inTurn < intervalMs ? inTurn : phaseOf(index) * intervalMs;
}
