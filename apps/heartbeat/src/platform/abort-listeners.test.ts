import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, it } from "vitest";
import { AbortListeners } from "./abort-listeners.ts";

it("calls those that are still there when the signal aborts, in whatever order the others were taken away", () => {
  const listeners = new AbortListeners();
  const stop = new AbortController();
  const called: string[] = [];
  const takeAway = ["a", "b", "c", "d", "e"].map((name) =>
    listeners.add(stop.signal, () => called.push(name)),
  );
  takeAway[1]?.();
  takeAway[4]?.();
  takeAway[3]?.();
  listeners.add(stop.signal, () => called.push("f"));
  takeAway[0]?.();
  stop.abort();
  expect(called.sort()).toEqual(["c", "f"]);
});

it("calls all, though each of them takes itself away meanwhile", () => {
  const listeners = new AbortListeners();
  const stop = new AbortController();
  const called: number[] = [];
  for (let index = 0; index < 4; index += 1) {
    const takeAway = listeners.add(stop.signal, () => {
      called.push(index);
      takeAway();
    });
  }
  stop.abort();
  expect(called).toEqual([0, 1, 2, 3]);
});

it("keeps the listeners of two signals apart", () => {
  const listeners = new AbortListeners();
  const [one, other] = [new AbortController(), new AbortController()];
  const called: string[] = [];
  listeners.add(one.signal, () => called.push("one"));
  listeners.add(other.signal, () => called.push("other"));
  other.abort();
  expect(called).toEqual(["other"]);
});

it("lets go of those that were taken away, without a full garbage collection", () => {
  setFlagsFromString("--expose-gc");
  const collect: (options?: { type: "minor" }) => void = runInNewContext("gc");
  const listeners = new AbortListeners();
  const { signal } = new AbortController();
  const underWay: (() => void)[] = [];
  listeners.add(signal, () => {});
  // What was there before is in the old generation now.
  collect();
  const before = process.memoryUsage().heapUsed;
  for (let round = 0; round < 100; round += 1) {
    for (let index = 0; index < 100; index += 1) {
      const kilobyte = new Array<number>(128).fill(index);
      underWay.push(listeners.add(signal, () => kilobyte));
      if (underWay.length > 20) underWay.shift()?.();
    }
    collect({ type: "minor" });
  }
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(1_000_000);
});
