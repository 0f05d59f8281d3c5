import type { HistoryMessage } from "../src/dashboard/messages.ts";
import { count, timeOfDay } from "./format.ts";

/** The chart's paths, and its text description. */
export interface Drawing {
  readonly heartbeats: string;
  readonly failures: string;
  readonly outages: string;
  readonly label: string;
  /** What the highest bars stand for; empty where there are none. */
  readonly scale: string;
  readonly accepted: number;
  readonly failed: number;
}

/** The chart's units; a bucket is 5 wide: ten minutes. */
const WIDTH = 600;
const BUCKET_WIDTH = 5;
const BUCKET_MS = 5_000;
/** The baseline: heartbeats go up from here, failures down. */
const BASE = 44;
const HEIGHT = 64;

/** Draws the last ten minutes: heartbeats above the line, failures below it, each scaled to its own maximum. */
export function drawing({ buckets, outages }: HistoryMessage, now: number): Drawing {
  const end = Math.ceil(now / BUCKET_MS) * BUCKET_MS;
  const xOf = (at: number) => Math.min(WIDTH, Math.max(0, WIDTH - ((end - at) / BUCKET_MS) * BUCKET_WIDTH));
  const shown = buckets.filter(([at]) => at < end && end - at <= (WIDTH / BUCKET_WIDTH) * BUCKET_MS);
  const most = Math.max(0, ...shown.map(([, heartbeats]) => heartbeats));
  const mostFailed = Math.max(0, ...shown.map(([, , failures]) => failures));
  const bars = (shareOf: (bucket: HistoryMessage["buckets"][number]) => number, height: number) =>
    shown
      .filter((bucket) => shareOf(bucket) !== 0)
      .map((bucket) => `M${xOf(bucket[0]) + 0.5} ${BASE}v${round(shareOf(bucket) * height)}h4V${BASE}z`)
      .join("");
  const spans = outages.map(([from, to]) => [xOf(from), xOf(to ?? now)] as const).filter(([, to]) => to > 0);
  const accepted = sum(shown.map(([, heartbeats]) => heartbeats));
  const failed = sum(shown.map(([, , failures]) => failures));
  return {
    heartbeats: bars(([, heartbeats]) => -heartbeats / Math.max(1, most), BASE - 2),
    failures: bars(([, , failures]) => failures / Math.max(1, mostFailed), HEIGHT - BASE),
    outages: spans
      .map(([from, to]) => `M${round(from)} 0H${round(Math.max(to, from + 1))}V${HEIGHT}H${round(from)}z`)
      .join(""),
    label: label(shown, { accepted, failed, outages: spans.length }),
    scale:
      most + mostFailed === 0 ? "" : `most per 5 s: ${count(most)} heartbeats, ${count(mostFailed)} failures`,
    accepted,
    failed,
  };
}

function label(
  shown: HistoryMessage["buckets"],
  { accepted, failed, outages }: { accepted: number; failed: number; outages: number },
): string {
  const worst = shown.reduce<HistoryMessage["buckets"][number] | null>(
    (before, bucket) => (bucket[2] > (before?.[2] ?? 0) ? bucket : before),
    null,
  );
  const most =
    worst === null ? "" : `, most of them (${count(worst[2])}) in the 5 s from ${timeOfDay(worst[0])}`;
  const during = outages === 0 ? "" : `; ${outages} outage${outages === 1 ? "" : "s"}`;
  return `Last 10 minutes: ${count(accepted)} heartbeats accepted, ${count(failed)} requests failed${most}${during}`;
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const round = (value: number) => Math.round(value * 10) / 10;
