import type { SoakReport } from "./soak.ts";

/** One of the promises, and what speaks against it; `null`: it was kept. */
export interface Finding {
  readonly promise: string;
  readonly broken: string | null;
}

/** By how much the runner's heap may grow after the first day. */
const MAX_GROWTH = 0.05;

/** Holds what was found against what was promised; without a word about the heap when that was not measured. */
export function judge(report: SoakReport): readonly Finding[] {
  const grown = heapGrowth(report.heapBytes);
  const { lockedOut, silentAtEnd, silentAfterRestart, tokensLost, refusalsAfterRestart, results, tally } =
    report;
  return [
    finding("no workspace locked out", [
      some(lockedOut, "locked out at some time"),
      some(silentAtEnd, "without a beat at the end"),
      some(silentAfterRestart, "without a beat after the restart"),
    ]),
    finding("no token lost", [
      many(tokensLost, "tokens were handed over and not kept"),
      many(refusalsAfterRestart, "refusals of what was kept, after the restart"),
    ]),
    finding("no duplicate delivery", [
      many(results.appendedAgain, "results appended again"),
      many(results.announcedAgain, "results announced again"),
      many(results.foreign, "results in another workspace's name"),
    ]),
    ...(grown === null ? [] : [finding("heap flat", [tooMuch(grown)])]),
    finding("every request as the contract has it", [many(tally.malformed, "malformed requests")]),
    finding("it was a storm", tooCalm(report)),
  ];
}

export const isBroken = ({ broken }: Finding): boolean => broken !== null;

/** How much larger the last day's heap is than the first one's, as a part of that; `null` with less than two days. */
export function heapGrowth(heapBytes: readonly number[]): number | null {
  const [first] = heapBytes;
  const last = heapBytes.at(-1);
  if (first === undefined || last === undefined || heapBytes.length < 2) return null;
  return (last - first) / first;
}

/** A proof in which nothing happened would prove nothing. */
function tooCalm({ storm, outages, options: { workspaces, days } }: SoakReport): (string | null)[] {
  const lost = storm.lostAnswers / storm.processed;
  const outs = Object.values(outages).reduce((sum, count) => sum + count, 0);
  return [
    storm.rotations < workspaces * (days * 24 - 1) ? `only ${storm.rotations} rotations` : null,
    storm.recoveries < storm.rotations / 2 ? `only ${storm.recoveries} recoveries` : null,
    lost < 0.04 ? `only ${(lost * 100).toFixed(1)} % of the answers lost` : null,
    outs < days * 2 ? `only ${outs} outages` : null,
    storm.finished === 0 ? "no delegation came to its end" : null,
  ];
}

const tooMuch = (growth: number): string | null =>
  growth < MAX_GROWTH ? null : `grew by ${(growth * 100).toFixed(1)} % after the first day`;

const many = (count: number, what: string): string | null => (count === 0 ? null : `${count} ${what}`);

const some = (ids: readonly string[], what: string): string | null =>
  ids.length === 0
    ? null
    : `${ids.length} ${what} (${ids.slice(0, 5).join(", ")}${ids.length > 5 ? ", …" : ""})`;

function finding(promise: string, faults: readonly (string | null)[]): Finding {
  const found = faults.filter((fault) => fault !== null);
  return { promise, broken: found.length === 0 ? null : found.join("; ") };
}
