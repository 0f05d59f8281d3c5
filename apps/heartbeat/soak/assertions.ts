import type { SoakReport } from "./soak.ts";

/** A check and the evidence against it; `null` when it passed. */
export interface Assertion {
  readonly promise: string;
  readonly broken: string | null;
}

/** How much the runner's heap may grow after the first day. */
const MAX_GROWTH = 0.05;

/** Checks the results; skips the heap if it was not measured. */
export function checkPromises(report: SoakReport): readonly Assertion[] {
  const grown = heapGrowth(report.heapBytes);
  const {
    lockedOut,
    silentAtEnd,
    silentAfterRestart,
    tokensLost,
    rejectionsAfterRestart,
    results,
    counters,
    log,
  } = report;
  return [
    assertion("no workspace locked out", [
      some(lockedOut, "locked out at some time"),
      some(silentAtEnd, "without a heartbeat at the end"),
      some(silentAfterRestart, "without a heartbeat after the restart"),
    ]),
    assertion("no token lost", [
      many(tokensLost, "tokens were received and lost"),
      many(rejectionsAfterRestart, "rejections of stored tokens after the restart"),
    ]),
    assertion("no duplicate delivery", [
      many(results.appendedAgain, "results appended again"),
      many(results.announcedAgain, "results announced again"),
      many(results.foreign, "results in another workspace's name"),
    ]),
    ...(grown === null ? [] : [assertion("heap flat", [tooMuch(grown)])]),
    assertion("no token in the log", [many(log.leaks, "lines with a token")]),
    assertion("every line of the log read, or counted as dropped", [many(log.missing, "lines missing")]),
    assertion("every request as the contract has it", [many(counters.malformed, "malformed requests")]),
    assertion("there were enough faults", tooFewFaults(report)),
  ];
}

export const isBroken = ({ broken }: Assertion): boolean => broken !== null;

/**
 * How much larger the last day's heap is than the first one's, as a fraction of that; `null` for less than two days.
 */
export function heapGrowth(heapBytes: readonly number[]): number | null {
  const [first] = heapBytes;
  const last = heapBytes.at(-1);
  if (first === undefined || last === undefined || heapBytes.length < 2) return null;
  return (last - first) / first;
}

/** A soak without enough faults proves nothing. */
function tooFewFaults({
  duringFaults,
  outages,
  diskFaults,
  obstacles,
  log,
  options: { workspaces, days },
}: SoakReport): (string | null)[] {
  const lost = duringFaults.lostAnswers / duringFaults.processed;
  const fewerThan = (least: number, counts: Readonly<Record<string, number>>, what: string) => {
    const count = Object.values(counts).reduce((sum, count) => sum + count, 0);
    return count < least ? `only ${count} ${what}` : null;
  };
  return [
    duringFaults.rotations < workspaces * (days * 24 - 1) ? `only ${duringFaults.rotations} rotations` : null,
    duringFaults.recoveries < duringFaults.rotations / 2
      ? `only ${duringFaults.recoveries} recoveries`
      : null,
    lost < 0.04 ? `only ${(lost * 100).toFixed(1)} % of the answers lost` : null,
    fewerThan(days * 2, outages, "outages"),
    fewerThan(days, diskFaults, "faults of the disk"),
    fewerThan(days, obstacles, "files that agents replaced"),
    fewerThan(days, log.troubles, "faults of the log's reader"),
    log.dropped === 0 ? "no line of the log dropped" : null,
    duringFaults.hostileAnswers < duringFaults.requests / 1_000
      ? `only ${duringFaults.hostileAnswers} hostile answers`
      : null,
    duringFaults.finished === 0 ? "no delegation finished" : null,
  ];
}

const tooMuch = (growth: number): string | null =>
  growth < MAX_GROWTH ? null : `grew by ${(growth * 100).toFixed(1)} % after the first day`;

const many = (count: number, what: string): string | null => (count === 0 ? null : `${count} ${what}`);

const some = (ids: readonly string[], what: string): string | null =>
  ids.length === 0
    ? null
    : `${ids.length} ${what} (${ids.slice(0, 5).join(", ")}${ids.length > 5 ? ", …" : ""})`;

function assertion(promise: string, faults: readonly (string | null)[]): Assertion {
  const found = faults.filter((fault) => fault !== null);
  return { promise, broken: found.length === 0 ? null : found.join("; ") };
}
