import { boundOf, total } from "./histogram.ts";
import type { Measurement, Used } from "./measure.ts";

/** The limit on a heartbeat's delay, for 99 of 100. */
const LIMIT_SECONDS = 1;
/** The fraction of the expected heartbeats that must have arrived. */
const ENOUGH = 0.99;

/** The measured figures. Those of the schedule are bounds: the runner counts in buckets. */
export interface Figures {
  readonly workspaces: number;
  readonly intervalSeconds: number;
  readonly measuredSeconds: number;
  readonly registered: number;
  readonly heartbeats: number;
  readonly heartbeatsPerSecond: number;
  readonly failures: number;
  readonly rejections: number;
  readonly arrivalLagMs: { readonly p50: number; readonly p99: number; readonly max: number };
  readonly scheduleLagAtMostMs: Percentiles;
  readonly warmUpLagAtMostMs: Percentiles;
  readonly warmUpLongestStallMs: number;
  readonly runner: ProcessFigures;
  readonly emulator: ProcessFigures;
}

interface Percentiles {
  readonly steps: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

interface ProcessFigures {
  readonly cpuPercentOfACore: number;
  readonly rssMiB: number;
  readonly maxRssMiB: number;
  readonly heapMiB: number;
  readonly heapKiBPerWorkspace: number;
  readonly longestStallMs: number;
}

export function figures(measurement: Measurement): Figures {
  const { options, arrivalsMs, heartbeats } = measurement;
  const sorted = [...arrivalsMs].sort((a, b) => a - b);
  const at = (part: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
  return {
    workspaces: options.workspaces,
    intervalSeconds: options.intervalSeconds,
    measuredSeconds: options.seconds,
    registered: measurement.registrations,
    heartbeats,
    heartbeatsPerSecond: round(heartbeats / options.seconds),
    failures: measurement.failures,
    rejections: measurement.rejections,
    arrivalLagMs: { p50: at(0.5), p99: at(0.99), max: at(1) },
    scheduleLagAtMostMs: percentiles(measurement.schedule),
    warmUpLagAtMostMs: percentiles(measurement.warmUp),
    warmUpLongestStallMs: Math.round(measurement.warmUpStallMs),
    runner: used(measurement.runner, options.workspaces),
    emulator: used(measurement.emulator, options.workspaces),
  };
}

/** The failed checks; empty when all passed. */
export function shortcomings(found: Figures): string[] {
  const { workspaces, intervalSeconds, measuredSeconds, arrivalLagMs, scheduleLagAtMostMs } = found;
  const expected = (workspaces * measuredSeconds) / intervalSeconds;
  const faults = [
    found.registered < workspaces && `only ${found.registered} of ${workspaces} were registered`,
    found.heartbeats < expected * ENOUGH && `only ${found.heartbeats} of ${expected} heartbeats arrived`,
    found.failures > 0 && `${found.failures} heartbeats were not accepted`,
    found.rejections > 0 && `${found.rejections} requests were rejected with a 401`,
    arrivalLagMs.p99 >= LIMIT_SECONDS * 1000 &&
      `99th percentile of the arrivals: ${arrivalLagMs.p99} ms late`,
    scheduleLagAtMostMs.p99 >= LIMIT_SECONDS * 1000 &&
      `99th percentile of the schedule: up to ${scheduleLagAtMostMs.p99} ms late`,
  ];
  return faults.filter((fault) => fault !== false);
}

export function describe(found: Figures): string {
  const { arrivalLagMs: arrival, scheduleLagAtMostMs: schedule, warmUpLagAtMostMs: warmUp } = found;
  const rows: [string, string][] = [
    [
      "workspaces; interval; measured",
      `${found.workspaces}; ${found.intervalSeconds} s; ${found.measuredSeconds} s`,
    ],
    [
      "heartbeats; a second; not accepted",
      `${found.heartbeats}; ${found.heartbeatsPerSecond}; ${found.failures}`,
    ],
    ["late at the platform, p50; p99; max", `${arrival.p50} ms; ${arrival.p99} ms; ${arrival.max} ms`],
    ["late in the runner, p50; p99; max", bounds(schedule)],
    ["late while registering, p50; p99; max", bounds(warmUp)],
    ["registered by the end of that; longest stall", `${found.registered}; ${found.warmUpLongestStallMs} ms`],
    ["runner", processLine(found.runner)],
    ["emulator", processLine(found.emulator)],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join("\n");
}

const bounds = ({ p50, p99, max }: Percentiles) => `≤ ${p50} ms; ≤ ${p99} ms; ≤ ${max} ms`;

const processLine = ({
  cpuPercentOfACore,
  rssMiB,
  maxRssMiB,
  heapMiB,
  heapKiBPerWorkspace,
  longestStallMs,
}: ProcessFigures) =>
  `CPU ${cpuPercentOfACore} % of a core, RSS ${rssMiB} MiB (at most ${maxRssMiB}), ` +
  `heap ${heapMiB} MiB (${heapKiBPerWorkspace} KiB a workspace), longest stall ${longestStallMs} ms`;

function percentiles(buckets: Measurement["schedule"]): Percentiles {
  const ms = (part: number) => boundOf(buckets, part) * 1000;
  return { steps: total(buckets), p50: ms(0.5), p99: ms(0.99), max: ms(1) };
}

function used(usage: Used, workspaces: number): ProcessFigures {
  return {
    cpuPercentOfACore: round(usage.cores * 100),
    rssMiB: round(usage.rssBytes / 2 ** 20),
    maxRssMiB: round(usage.maxRssBytes / 2 ** 20),
    heapMiB: round(usage.heapBytes / 2 ** 20),
    heapKiBPerWorkspace: round(usage.heapBytes / 2 ** 10 / workspaces),
    longestStallMs: Math.round(usage.longestStallMs),
  };
}

const round = (value: number): number => Math.round(value * 10) / 10;
