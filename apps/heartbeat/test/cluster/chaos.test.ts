import { expect, it } from "vitest";
import { brokenPromises, TAKE_OVER_MS } from "../../chaos/audit.ts";
import { chaos } from "../../chaos/chaos.ts";
import { seededRandom } from "../../soak/random.ts";
import { temporaryDirectory } from "../support/directory.ts";

it("no workspace goes offline and no token is lost, whatever fault hits runners, network and database", async () => {
  const directory = temporaryDirectory();
  const report = await chaos({
    runners: 3,
    workspaces: 90,
    intervalSeconds: 10,
    rounds: 1,
    outageSeconds: 0,
    directory,
    random: seededRandom(Number(process.env.CHAOS_SEED ?? 1)),
    onProgress() {},
  });
  expect(brokenPromises(report)).toEqual([]);
  expect(report.faults).toHaveLength(5);
  expect(report.evictions).toBeGreaterThan(0);
  expect(report.leastMoves).toBeGreaterThan(0);
  // Other tests take their share of this machine.
  expect(report.takeOverP99Ms).toBeLessThan(2 * TAKE_OVER_MS);
}, 600_000);
