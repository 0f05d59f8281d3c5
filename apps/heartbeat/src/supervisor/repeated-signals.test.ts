import { afterEach, expect, it, vi } from "vitest";
import { RepeatedSignals } from "./repeated-signals.ts";

afterEach(() => void vi.useRealTimers());

it("a signal is repeated if it follows the first of its kind at once", () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  const signals = new RepeatedSignals();
  expect(signals.isRepeated("SIGTERM")).toBe(false);
  expect(signals.isRepeated("SIGTERM")).toBe(true);
  expect(signals.isRepeated("SIGINT")).toBe(false);
  vi.advanceTimersByTime(99);
  expect(signals.isRepeated("SIGTERM")).toBe(true);
  vi.advanceTimersByTime(1);
  expect(signals.isRepeated("SIGTERM")).toBe(false);
});
