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
  test("if a later write had completed before it began", () => {
    const stale = read(1, 6, 7);
    expect(wrongReads([write(1, 0, 1), write(2, 2, 5), stale])).toEqual([stale]);
  });

  test("if the write of its value had not begun", () => {
    const early = read(2, 2, 3);
    expect(wrongReads([write(1, 0, 1), write(2, 4, 5), early])).toEqual([early]);
  });

  test("if no process ever wrote that value", () => {
    expect(wrongReads([write(1, 0, 1), read(-1, 2, 3)])).toHaveLength(1);
  });

  test("unless the later write was still in flight, or overlapped the value's own", () => {
    expect(wrongReads([write(1, 0, 1), write(2, 2, 9), read(1, 6, 7), read(2, 3, 4)])).toEqual([]);
    expect(wrongReads([write(1, 0, 5), write(2, 2, 5), read(1, 6, 7)])).toEqual([]);
  });
});

test("two reads that saw two writes in opposite orders are detected, though each alone is valid", () => {
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

/** Tries every order that respects the order of non-overlapping operations. */
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

/** Distinct times, because equal ones are rare on a real clock. */
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
        // Each write has a distinct value.
        const own = isWrite ? index + 1 : value;
        return { kind: isWrite ? "write" : "read", value: own, start: Math.min(a, b), end: Math.max(a, b) };
      }),
    );
  });

test("the check agrees with a brute-force search over all orders", () => {
  const first = write(0, -2, -1);
  fc.assert(
    fc.property(histories, (history) => {
      expect(isLinearizable([first, ...history])).toBe(hasAnOrder(history));
    }),
    { numRuns: 5_000 },
  );
});
