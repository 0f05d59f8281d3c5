import { checkPromises, heapGrowth } from "./assertions.ts";
import type { DaySample, SoakReport } from "./soak.ts";

/** The results, as readable text. */
export function describe(report: SoakReport): string {
  const rows = figures(report);
  const width = Math.max(...rows.map(([name]) => name.length));
  const lines = rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`);
  const assertions = checkPromises(report).map(({ promise, broken }) =>
    broken === null ? `passed  ${promise}` : `FAILED  ${promise}: ${broken}`,
  );
  return [...lines, "", ...assertions].join("\n");
}

function figures(report: SoakReport): [name: string, value: string][] {
  const { duringFaults, counters, options, silence, results } = report;
  const { workspaces, days, intervalMs, seed } = options;
  return [
    ["workspaces; days; interval; seed", `${count(workspaces)}; ${days}; ${intervalMs / 1000} s; ${seed}`],
    ["requests", count(duringFaults.requests)],
    [
      "answers lost",
      `${count(duringFaults.lostAnswers)}, ${percent(duringFaults.lostAnswers / duringFaults.processed)}`,
    ],
    ["outages", outages(report)],
    ["hostile answers", count(duringFaults.hostileAnswers)],
    ["faults of the disk", kinds(report.diskFaults)],
    ["files that agents replaced or damaged", kinds(report.obstacles)],
    ["faults of the log's reader", kinds(report.log.troubles)],
    ["lines of the log read; dropped; missing; with a token", logLines(report)],
    ["heartbeats accepted", count(duringFaults.heartbeats)],
    ["heartbeats too late, followed by a registration", count(duringFaults.heartbeatsInVain)],
    ["registrations", count(duringFaults.registrations)],
    ["rotations", count(duringFaults.rotations)],
    ["revocations without a new token", count(duringFaults.revocations)],
    ["restarts of a workspace", count(duringFaults.restarts)],
    ["401s while the platform was up", count(duringFaults.rejections)],
    ["recoveries from a 401 with another token", count(duringFaults.recoveries)],
    ["tokens issued in answers", count(duringFaults.issued)],
    ["  of them lost, leaving no usable token until the next rotation", count(duringFaults.issuedInVain)],
    ["longest time without an accepted heartbeat", duration(silence.wallMs)],
    ["  not counting outages", duration(silence.upMs)],
    ["  nor times without a token that reached the agent", duration(silence.reachableMs)],
    ["tokens lost", count(report.tokensLost)],
    ["results delivered; delivered again", `${count(results.inFiles)}; ${count(results.appendedAgain)}`],
    ["results announced; announced again", `${count(counters.announced)}; ${count(results.announcedAgain)}`],
    ["results the runner never saw", count(counters.finished - results.inFiles)],
    ["foreign rows; delivered", `${count(counters.foreign)}; ${count(results.foreign)}`],
    ["the runner's heap after the first day; after the last", heap(report.heapBytes)],
  ];
}

/** A line about a completed day. */
export function describeDay(
  { day, counters, heapBytes, lockedOut }: DaySample,
  days: number,
  seconds: number,
): string {
  const memory = heapBytes === null ? "" : `, heap ${mebibytes(heapBytes)}`;
  return (
    `day ${day} of ${days} after ${Math.round(seconds)} s: ${count(counters.heartbeats)} heartbeats, ` +
    `${count(counters.rotations)} rotations, ${count(counters.recoveries)} recoveries, ${lockedOut} locked out${memory}`
  );
}

function outages({ outages, downMs }: SoakReport): string {
  return `${kinds(outages)}; ${duration(downMs)} in all`;
}

const kinds = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .map(([kind, times]) => `${kind} ${count(times)}`)
    .join(", ");

const logLines = ({ log: { lines, dropped, missing, leaks } }: SoakReport): string =>
  [lines, dropped, missing, leaks].map(count).join("; ");

function heap(heapBytes: readonly number[]): string {
  const [first] = heapBytes;
  const last = heapBytes.at(-1);
  const growth = heapGrowth(heapBytes);
  if (first === undefined || last === undefined || growth === null) return "not measured";
  return `${mebibytes(first)}; ${mebibytes(last)} (${growth < 0 ? "" : "+"}${percent(growth)})`;
}

const count = (value: number): string => value.toLocaleString("en-US");
const percent = (part: number): string => `${(part * 100).toFixed(1)} %`;
const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;

function duration(ms: number): string {
  if (ms < 120_000) return `${Math.round(ms / 1000)} s`;
  const minutes = Math.round(ms / 60_000);
  return minutes < 120 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
