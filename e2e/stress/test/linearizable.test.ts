import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isLinearizable, type Operation, wrongReads } from "../src/durability/linearizable.ts";

const write = (value: number, start: number, end: number): Operation => ({
  kind: "write",
  value,
  start,
  end,
});
const read = (value: number, start: number, end: number): Operation => ({ kind: "read", value, start, end });

describe("a read is wrong", () => {
  test("when a later write had completed before it began", () => {
    const stale = read(1, 6, 7);
    expect(wrongReads([write(1, 0, 1), write(2, 2, 5), stale])).toEqual([stale]);
  });

  test("when the write of its value had not begun", () => {
    const early = read(2, 2, 3);
    expect(wrongReads([write(1, 0, 1), write(2, 4, 5), early])).toEqual([early]);
  });

  test("when no process ever wrote that value", () => {
    expect(wrongReads([write(1, 0, 1), read(-1, 2, 3)])).toHaveLength(1);
  });

  test("and right when the later write was still in flight, or overlapped the value's own", () => {
    expect(wrongReads([write(1, 0, 1), write(2, 2, 9), read(1, 6, 7), read(2, 3, 4)])).toEqual([]);
    expect(wrongReads([write(1, 0, 5), write(2, 2, 5), read(1, 6, 7)])).toEqual([]);
  });
});

test("two reads that saw two writes in opposite orders are found, though each alone is right", () => {
  const history = [
    write(0, 0, 1),
    write(1, 2, 20),
    write(2, 2, 20),
    read(1, 3, 4),
    read(2, 5, 6),
    read(1, 7, 8),
  ];
  expect(wrongReads(history)).toEqual([]);
  expect(isLinearizable(history)).toBe(false);
});

/** Tries every order that keeps apart what was apart in time. */
function hasAnOrder(left: readonly Operation[], value = 0): boolean {
  if (left.length === 0) return true;
  return left.some((first) => {
    if (left.some((other) => other.end < first.start)) return false;
    if (first.kind === "read" && first.value !== value) return false;
    return hasAnOrder(
      left.filter((other) => other !== first),
      first.value,
    );
  });
}

/** Distinct times, because on a real clock there are hardly two alike. */
const histories = fc
  .array(fc.record({ isWrite: fc.boolean(), value: fc.integer({ min: 0, max: 3 }) }), {
    minLength: 1,
    maxLength: 6,
  })
  .chain((shape) => {
    const times = Array.from({ length: 2 * shape.length }, (_, index) => index);
    return fc.shuffledSubarray(times, { minLength: times.length, maxLength: times.length }).map((order) =>
      shape.map(({ isWrite, value }, index): Operation => {
        const a = order[2 * index] ?? 0;
        const b = order[2 * index + 1] ?? 0;
        // Every write a value of its own.
        const own = isWrite ? index + 1 : value;
        return { kind: isWrite ? "write" : "read", value: own, start: Math.min(a, b), end: Math.max(a, b) };
      }),
    );
  });

test("the check of a history agrees with trying every order", () => {
  const first = write(0, -2, -1);
  fc.assert(
    fc.property(histories, (history) => {
      expect(isLinearizable([first, ...history])).toBe(hasAnOrder(history));
    }),
    { numRuns: 5_000 },
  );
});
