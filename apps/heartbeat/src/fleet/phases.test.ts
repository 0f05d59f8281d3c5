import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createFirstSteps, nextHeartbeatAt, phaseOf, releaseDelay } from "./phases.ts";

const INTERVAL = 30_000;
const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const keyOf = (index: number) => `https://platform.example agent-${index}`;

/** Counts the times in each second of the interval. */
function perSecond(times: readonly number[]): number[] {
  const seconds = Array.from({ length: INTERVAL / 1_000 }, (_, second) => second * 1_000);
  return seconds.map(
    (from) => times.filter((time) => Math.floor((time % INTERVAL) / 1_000) * 1_000 === from).length,
  );
}

/** The deviation from the mean to expect by pure chance: five standard deviations. */
const most = (mean: number) => mean + 5 * Math.sqrt(mean);

describe("the phase of a workspace", () => {
  it("is stable, from 0 to 1, and different for another platform", () => {
    expect(phaseOf(keyOf(7))).toBe(phaseOf(keyOf(7)));
    expect(phaseOf(keyOf(7))).not.toBe(phaseOf(keyOf(7).replace("https", "http")));
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 50 }), (key) => {
        const phase = phaseOf(key);
        expect(phaseOf(key)).toBe(phase);
        expect(phase).toBeGreaterThanOrEqual(0);
        expect(phase).toBeLessThan(1);
      }),
    );
  });

  it("stays the same between releases: otherwise an upgrade would move every workspace", () => {
    const phases = [0, 1, 2].map((index) => phaseOf(keyOf(index)).toFixed(6));
    expect(phases).toEqual(["0.127943", "0.066658", "0.119984"]);
  });

  it.each([
    ["numbers", (index: number) => keyOf(index)],
    ["UUIDs", (index: number) => `https://p.example ${uuid(index)}`],
    ["a common end", (index: number) => `${index} ${"x".repeat(100)}`],
  ])("is spread evenly over the interval (ids with %s)", (_, key) => {
    const count = 10_000;
    const phases = Array.from({ length: count }, (_, index) => phaseOf(key(index)) * INTERVAL);
    const seconds = perSecond(phases);
    const mean = count / seconds.length;
    expect(Math.max(...seconds)).toBeLessThan(most(mean));
    expect(Math.min(...seconds)).toBeGreaterThan(2 * mean - most(mean));
  });
});

const uuid = (index: number) =>
  `${(index * 2_654_435_761).toString(16).padStart(12, "0").slice(-8)}-0000-4000-8000-000000000000`;

describe("heartbeats", () => {
  it.each([100, 1_000, 10_000])("are spread over the interval like the phases (%i workspaces)", (count) => {
    const times = Array.from({ length: count }, (_, index) =>
      nextHeartbeatAt(phaseOf(keyOf(index)), INTERVAL, count, 0, Math.random),
    );
    expect(Math.max(...perSecond(times))).toBeLessThan(most(count / 30));
  });

  it("are one interval apart, ± 10 %", () => {
    fc.assert(
      fc.property(
        random,
        fc.integer({ min: 1, max: 20_000 }),
        fc.nat(1e9),
        random,
        random,
        (phase, count, now, a, b) => {
          const first = nextHeartbeatAt(phase, INTERVAL, count, now, () => a);
          const second = nextHeartbeatAt(phase, INTERVAL, count, first, () => b);
          expect(second - first).toBeGreaterThanOrEqual(0.9 * INTERVAL - 1);
          expect(second - first).toBeLessThanOrEqual(1.1 * INTERVAL + 1);
        },
      ),
    );
  });

  it("are never in the past or more than two intervals away", () => {
    fc.assert(
      fc.property(random, fc.nat(1e9), random, (phase, now, value) => {
        const wait = nextHeartbeatAt(phase, INTERVAL, 1, now, () => value) - now;
        expect(wait).toBeGreaterThan(0.15 * INTERVAL);
        expect(wait).toBeLessThan(1.35 * INTERVAL);
      }),
    );
  });
});

it("workspaces that become due together go 10 ms apart, all within one interval", () => {
  expect([0, 1, 2].map((position) => releaseDelay(position, 3, INTERVAL))).toEqual([0, 10, 20]);
  expect(releaseDelay(9_999, 10_000, INTERVAL)).toBeLessThan(INTERVAL);
});

describe("first steps", () => {
  /** The times of the first steps of this many workspaces added together. */
  const arriveTogether = (count: number, now = 0) => {
    const firstSteps = createFirstSteps(INTERVAL);
    return Array.from({ length: count }, (_, index) => firstSteps.next(now, phaseOf(keyOf(index))));
  };

  it("of a few run at once, 10 ms apart", () => {
    expect(arriveTogether(3, 500)).toEqual([500, 510, 520]);
  });

  it.each([1_000, 4_000, 10_000])(
    "run within one interval, not much denser than its heartbeats (%i)",
    (count) => {
      const times = arriveTogether(count);
      expect(Math.max(...times)).toBeLessThan(INTERVAL);
      const inTurn = 100;
      expect(Math.max(...perSecond(times))).toBeLessThan(inTurn + most(count / 30));
    },
  );

  it("of a later workspace run at once again", () => {
    const firstSteps = createFirstSteps(INTERVAL);
    for (let index = 0; index < 10; index += 1) firstSteps.next(0, 0.5);
    expect(firstSteps.next(95, 0.5)).toBe(100);
    expect(firstSteps.next(60_000, 0.5)).toBe(60_000);
  });
});
