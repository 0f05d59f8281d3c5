import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { firstDelay, nextHeartbeatAt, phaseOf, releaseDelay } from "./phases.ts";

const INTERVAL = 30_000;
const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe("phases", () => {
  it.each([60, 100, 1_000, 10_000])(
    "put no second of the interval at more than twice the mean (%i workspaces)",
    (count) => {
      const seconds = new Array(30).fill(0);
      for (let index = 0; index < count; index += 1) {
        const at = nextHeartbeatAt(phaseOf(index), INTERVAL, count, 0, Math.random);
        seconds[Math.floor((at % INTERVAL) / 1000)] += 1;
      }
      expect(Math.max(...seconds)).toBeLessThanOrEqual((2 * count) / 30);
    },
  );

  it("are an interval apart, give or take a tenth, heartbeat after heartbeat", () => {
    fc.assert(
      fc.property(
        fc.nat(20_000),
        fc.integer({ min: 1, max: 20_000 }),
        fc.nat(1e9),
        random,
        random,
        (index, count, now, a, b) => {
          const first = nextHeartbeatAt(phaseOf(index), INTERVAL, count, now, () => a);
          const second = nextHeartbeatAt(phaseOf(index), INTERVAL, count, first, () => b);
          expect(second - first).toBeGreaterThanOrEqual(0.9 * INTERVAL - 1);
          expect(second - first).toBeLessThanOrEqual(1.1 * INTERVAL + 1);
        },
      ),
    );
  });

  it("are never in the past, nor further than two intervals away", () => {
    fc.assert(
      fc.property(fc.nat(20_000), fc.nat(1e9), random, (index, now, value) => {
        const wait = nextHeartbeatAt(phaseOf(index), INTERVAL, 1, now, () => value) - now;
        expect(wait).toBeGreaterThan(0.4 * INTERVAL);
        expect(wait).toBeLessThan(1.6 * INTERVAL);
      }),
    );
  });
});

it("those who become due together go 10 ms apart, and all of them within an interval", () => {
  expect([0, 1, 2].map((position) => releaseDelay(position, 3, INTERVAL))).toEqual([0, 10, 20]);
  expect(releaseDelay(9_999, 10_000, INTERVAL)).toBeLessThan(INTERVAL);
});

it.each([3, 1_000, 4_000, 10_000])(
  "those who arrive together begin within an interval, at no more than twice the mean or 100 a second (%i)",
  (count) => {
    const delays = Array.from({ length: count }, (_, index) => firstDelay(index, INTERVAL));
    const seconds = new Array(30).fill(0);
    for (const delay of delays) seconds[Math.floor(delay / 1_000)] += 1;
    expect(Math.max(...delays)).toBeLessThan(INTERVAL);
    expect(Math.max(...seconds)).toBeLessThanOrEqual(Math.max(100, (2 * count) / 30));
  },
);
