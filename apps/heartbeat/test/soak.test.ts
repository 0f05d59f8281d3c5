import { rmSync } from "node:fs";
import { describe, expect, it, onTestFinished } from "vitest";
import { scratchDirectory } from "../proof/scratch.ts";
import { SABOTAGES, type Sabotage } from "../proof/soak/sabotage.ts";
import { type SoakReport, soak } from "../proof/soak/soak.ts";
import { isBroken, judge } from "../proof/soak/verdict.ts";

function aDay(workspaces: number, sabotage: Sabotage | null = null): Promise<SoakReport> {
  const directory = scratchDirectory("soak");
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return soak({ days: 1, workspaces, intervalMs: 60_000, seed: 1, directory, sabotage });
}

const broken = (report: SoakReport) =>
  judge(report)
    .filter(isBroken)
    .map(({ promise }) => promise);

/** Which promise is broken by which sabotage. */
const BROKEN_BY: Readonly<Record<Sabotage, string>> = {
  "deaf-to-401": "no workspace locked out",
  "forgetful-disk": "no token lost",
  "wiped-results": "no duplicate delivery",
};

describe("the soak, a day of it", { timeout: 60_000 }, () => {
  it("keeps every promise through rotations, outages and lost answers, while the heap stays flat", async () => {
    const report = await aDay(25);
    expect(judge(report).filter(isBroken)).toEqual([]);
    expect(report.results.inFiles).toBe(report.tally.finished);
    const withHeap = (...heapBytes: number[]) => broken({ ...report, heapBytes });
    expect(withHeap(100_000, 120_000, 104_900)).toEqual([]);
    expect(withHeap(100_000, 105_000)).toEqual(["heap flat"]);
  });

  it.each(SABOTAGES)("finds a runner out whose trouble is %s", async (sabotage) => {
    expect(broken(await aDay(5, sabotage))).toContain(BROKEN_BY[sabotage]);
  });
});
