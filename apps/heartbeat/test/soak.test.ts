import { rmSync } from "node:fs";
import { describe, expect, it, onTestFinished } from "vitest";
import { checkPromises, isBroken } from "../soak/assertions.ts";
import { INJECTED_FAULTS, type InjectedFault } from "../soak/fault-injection.ts";
import { scratchDirectory } from "../soak/scratch.ts";
import { type SoakReport, soak } from "../soak/soak.ts";

function aDay(workspaces: number, injectedFault: InjectedFault | null = null): Promise<SoakReport> {
  const directory = scratchDirectory("soak");
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return soak({ days: 1, workspaces, intervalMs: 60_000, seed: 1, directory, injectedFault });
}

const broken = (report: SoakReport) =>
  checkPromises(report)
    .filter(isBroken)
    .map(({ promise }) => promise);

/** Which check each injected fault fails. */
const BROKEN_BY: Readonly<Record<InjectedFault, string>> = {
  "deaf-to-401": "no workspace locked out",
  "forgetful-disk": "no token lost",
  "wiped-results": "no duplicate delivery",
  "open-log": "no token in the log",
};

describe("the soak, a day of it", { timeout: 240_000 }, () => {
  it("keeps every promise through rotations, outages and lost answers, while the heap stays flat", async () => {
    const report = await aDay(25);
    expect(checkPromises(report).filter(isBroken)).toEqual([]);
    // The rest was finished before a workspace could look for the first time, and is history.
    expect(report.results.inFiles).toBeGreaterThan(0.95 * report.counters.finished);
    const withHeap = (...heapBytes: number[]) => broken({ ...report, heapBytes });
    expect(withHeap(100_000, 120_000, 104_900)).toEqual([]);
    expect(withHeap(100_000, 105_000)).toEqual(["heap flat"]);
  });

  it.each(INJECTED_FAULTS)("detects a runner with the fault %s", async (injectedFault) => {
    expect(broken(await aDay(5, injectedFault))).toContain(BROKEN_BY[injectedFault]);
  });
});
