import { expect, it } from "vitest";
import { Stopwatch } from "./clock.ts";

const at = (monotonic: number, wall: number) => ({ monotonic: () => monotonic, wall: () => wall });

it("a stopwatch notices the time that either clock shows, and none before its start", () => {
  const stopwatch = new Stopwatch();
  expect(stopwatch.elapsedMs(at(5_000, 5_000))).toBe(0);
  stopwatch.start(at(0, 0));
  expect(stopwatch.elapsedMs(at(10_000, 61_000))).toBe(61_000);
  expect(stopwatch.elapsedMs(at(61_000, -5_000))).toBe(61_000);
  stopwatch.start(at(60_000, 60_000));
  expect(stopwatch.elapsedMs(at(61_000, 61_000))).toBe(1_000);
});
