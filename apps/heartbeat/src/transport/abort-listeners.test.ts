import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, it } from "vitest";
import { type AbortListener, AbortListeners } from "./abort-listeners.ts";

/** Listeners of one signal, and the names of those that were called. */
function stage() {
  const listeners = new AbortListeners();
  const stop = new AbortController();
  const called: string[] = [];
  return {
    listeners,
    stop,
    called,
    add(name: string): AbortListener {
      const listener = { position: 0, onAbort: () => called.push(name) };
      listeners.add(stop.signal, listener);
      return listener;
    },
  };
}

it("calls the remaining listeners when the signal aborts, whatever the order of removals", () => {
  const { listeners, stop, called, add } = stage();
  const [a, b, , d, e] = ["a", "b", "c", "d", "e"].map(add);
  // Removing one that is already gone removes no other.
  for (const listener of [b, e, d, b]) if (listener !== undefined) listeners.remove(stop.signal, listener);
  add("f");
  if (a !== undefined) listeners.remove(stop.signal, a);
  stop.abort();
  expect(called.sort()).toEqual(["c", "f"]);
});

it("calls all, even if each removes itself when called", () => {
  const { listeners, stop, called } = stage();
  for (const name of ["a", "b", "c", "d"]) {
    const listener = {
      position: 0,
      onAbort() {
        called.push(name);
        listeners.remove(stop.signal, listener);
      },
    };
    listeners.add(stop.signal, listener);
  }
  stop.abort();
  expect(called).toEqual(["a", "b", "c", "d"]);
});

it("keeps the listeners of two signals apart", () => {
  const { listeners, called, add } = stage();
  add("one");
  const other = new AbortController();
  const listener = { position: 0, onAbort: () => called.push("other") };
  listeners.add(other.signal, listener);
  other.abort();
  expect(called).toEqual(["other"]);
});

it("releases removed listeners without a full garbage collection", () => {
  setFlagsFromString("--expose-gc");
  const collect: (options?: { type: "minor" }) => void = runInNewContext("gc");
  const { listeners, stop, add } = stage();
  const inFlight: AbortListener[] = [];
  add("always there");
  // Earlier objects are in the old generation now.
  collect();
  const before = process.memoryUsage().heapUsed;
  for (let round = 0; round < 100; round += 1) {
    for (let index = 0; index < 100; index += 1) {
      const kilobyte = new Array<number>(128).fill(index);
      const listener = { position: 0, onAbort: () => kilobyte };
      listeners.add(stop.signal, listener);
      inFlight.push(listener);
      const ended = inFlight.length > 20 ? inFlight.shift() : undefined;
      if (ended !== undefined) listeners.remove(stop.signal, ended);
    }
    collect({ type: "minor" });
  }
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(1_000_000);
});
