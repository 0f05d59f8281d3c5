import type { Random } from "../workspace/backoff.ts";

/** How far a heartbeat may be off its phase, as a part of the interval: two are then one interval apart, ± 10 %. */
const MAX_JITTER = 0.05;

/**
 * The phase of a workspace: the position of its heartbeats within the interval, from 0 to 1. A hash (FNV-1a, mixed as
 * in MurmurHash3), so that it is the same after a restart and on every machine, and other workspaces do not move it.
 *
 * @param key of the workspace: its platform and its id
 */
export function phaseOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < key.length; index += 1) {
    hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}

/**
 * When the next heartbeat is due: in the workspace's phase, 0.25 to 1.25 intervals from now. All times are milliseconds
 * since the fleet's start.
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
  const rounds = Math.ceil((now + intervalMs / 4) / intervalMs - phase);
  const jitter = Math.min(MAX_JITTER, 0.5 / count);
  return (rounds + phase + jitter * (2 * random() - 1)) * intervalMs;
}

/** Workspaces that become due together run this far apart, or within an interval if that is shorter. */
const APART_MS = 10;

/** When the workspace at `position` of `count` runs, in milliseconds from now. */
export function releaseDelay(position: number, count: number, intervalMs: number): number {
  return position * Math.min(APART_MS, intervalMs / count);
}

/** Assigns each added workspace the time of its first step. */
export interface FirstSteps {
  /** In milliseconds, on the clock of `now`. */
  next(now: number, phase: number): number;
}

/**
 * The first workspaces run one after another; those that would wait longer than an interval run in their phases
 * instead.
 */
export function createFirstSteps(intervalMs: number): FirstSteps {
  let last = Number.NEGATIVE_INFINITY;
  return {
    next(now, phase) {
      const inTurn = Math.max(now, last + APART_MS);
      if (inTurn - now >= intervalMs) return now + phase * intervalMs;
      last = inTurn;
      return inTurn;
    },
  };
}
