import type { Sample } from "../src/dashboard/messages.ts";
import { duration } from "./format.ts";

/** The paths of a sparkline, and what it says in words. */
export interface Sparkline {
  readonly line: string;
  readonly area: string;
  /** A dot for each request that was not answered 200. */
  readonly marks: string;
  readonly label: string;
}

const WIDTH = 160;
const HEIGHT = 32;
const MARGIN = 3;
/** As many as the emulator keeps. */
const SLOTS = 30;

/** Draws latencies, the newest at the right edge. The scale is logarithmic and the same on every card. */
export function sparkline(samples: readonly Sample[]): Sparkline {
  const points = samples.map(([ms, status], index) => ({
    x: round(WIDTH - MARGIN - ((samples.length - 1 - index) * (WIDTH - 2 * MARGIN)) / (SLOTS - 1)),
    y: round(HEIGHT - MARGIN - height(ms) * (HEIGHT - 2 * MARGIN)),
    failed: status !== 200,
  }));
  const [first, last] = [points[0], points.at(-1)];
  if (!first || !last) return { line: "", area: "", marks: "", label: "no latency yet" };
  const line = `M${points.map(({ x, y }) => `${x} ${y}`).join("L")}`;
  const failed = points.filter((point) => point.failed);
  return {
    line,
    area: `${line}L${last.x} ${HEIGHT}L${first.x} ${HEIGHT}Z`,
    // A line of no length with round caps is a dot that keeps its shape however the picture is stretched.
    marks: failed.map(({ x, y }) => `M${x} ${y}h0`).join(""),
    label: label(samples, failed.length),
  };
}

function label(samples: readonly Sample[], failed: number): string {
  const latencies = samples.map(([ms]) => ms);
  const [latest, highest] = [latencies.at(-1) ?? 0, Math.max(...latencies)];
  const rejected = failed === 0 ? "" : `, ${failed} of ${samples.length} rejected or failed`;
  return `latency ${duration(latest)}, at most ${duration(highest)}${rejected}`;
}

/** 0 for 0 ms to 1 for 5 s and more. */
function height(ms: number): number {
  return Math.min(1, Math.log1p(ms) / Math.log1p(5_000));
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
