import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { backOffDelay, registerDelay } from "./backoff.ts";

const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const middle = () => 0.5;

describe("the wait after failures", () => {
  it("doubles from 5 s to 300 s", () => {
    const delays = [1, 2, 3, 4, 5, 6, 7, 8, 50].map((failures) => backOffDelay(failures, 0, middle));
    expect(delays).toEqual([5, 10, 20, 40, 80, 160, 300, 300, 300].map((seconds) => seconds * 1000));
  });

  it("is at most 300 s by default, and never less than the platform asked for", () => {
    fc.assert(
      fc.property(
        random,
        fc.integer({ min: 1, max: 1000 }),
        fc.nat(600_000),
        (value, failures, retryAfterMs) => {
          const delay = backOffDelay(failures, retryAfterMs, () => value);
          expect(delay).toBeGreaterThanOrEqual(retryAfterMs);
          expect(delay).toBeLessThanOrEqual(Math.max(300_000, retryAfterMs));
        },
      ),
    );
  });

  it("caps a platform's request at one hour", () => {
    expect(backOffDelay(1, 86_400_000, middle)).toBe(3_600_000);
    expect(registerDelay(1, 86_400_000)).toBe(3_600_000);
  });
});

describe("the wait before the next attempt to register", () => {
  it("is 1, 2, 4, 8, 16, 30, 30 s; there is no ninth attempt", () => {
    const delays = [1, 2, 3, 4, 5, 6, 7, 8].map((tries) => registerDelay(tries, 0));
    expect(delays).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, null]);
  });

  it("is what the platform asked for, if that is longer", () => {
    expect(registerDelay(1, 7_000)).toBe(7_000);
  });
});
