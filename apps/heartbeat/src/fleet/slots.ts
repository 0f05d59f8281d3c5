import type { Random } from "../worker/delays.ts";

/** A beat strays from its slot by up to this part of the interval; so two are an interval apart, give or take a tenth. */
const MAX_STRAY = 0.05;
const GOLDEN_RATIO = (Math.sqrt(5) - 1) / 2;

/**
 * Where in the interval a workspace has its slot, from 0 to 1. Multiples of the golden ratio leave no gap and make no
 * cluster however many there are (a low-discrepancy sequence), so one that comes or goes moves none of the others.
 *
 * @param index of the workspace, in order of arrival
 */
export function slotOf(index: number): number {
  return (index * GOLDEN_RATIO) % 1;
}

/**
 * When the next beat is due: in the workspace's slot, half an interval to one and a half from now. All times are
 * milliseconds since the fleet's start.
 *
 * @param slot from 0 to 1
 * @param count how many workspaces share the interval; the more, the less a beat strays from its slot
 */
export function nextBeatAt(
  slot: number,
  intervalMs: number,
  count: number,
  now: number,
  random: Random,
): number {
  const rounds = Math.ceil((now + intervalMs / 2) / intervalMs - slot);
  const stray = Math.min(MAX_STRAY, 0.5 / count);
  return (rounds + slot + stray * (2 * random() - 1)) * intervalMs;
}

/** Workspaces that become due together go one after another, this far apart, or within an interval if that is shorter. */
const APART_MS = 10;

/** When the one at `position` of `count` goes, counted from now, in milliseconds. */
export function releaseDelay(position: number, count: number, intervalMs: number): number {
  return position * Math.min(APART_MS, intervalMs / count);
}

/**
 * When a workspace has its first turn, in milliseconds from its arrival. The first ones go one after another; those for
 * whom that would take longer than an interval go in their slots, among the others.
 *
 * @param index of the workspace, in order of arrival
 */
export function firstDelay(index: number, intervalMs: number): number {
  const inTurn = index * APART_MS;
  return inTurn < intervalMs ? inTurn : slotOf(index) * intervalMs;
}
