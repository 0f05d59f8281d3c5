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
