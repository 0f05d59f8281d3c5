import { describe, expect, it } from "vitest";
import { memoryTokenStorage } from "./storage.ts";

describe("memoryTokenStorage's optional methods", () => {
  it("replaces the expected token, and no other", async () => {
    const storage = memoryTokenStorage();
    let calls = 0;
    storage.watch?.(() => {
      calls += 1;
    });
    expect(await storage.replace?.("one", "two")).toBe(false);
    expect(await storage.replace?.(null, "one")).toBe(true);
    expect(await storage.replace?.(null, "two")).toBe(false);
    expect([await storage.read(), calls]).toStrictEqual(["one", 1]);
  });

  it("removes the token, and resolves if there is none", async () => {
    const storage = memoryTokenStorage("one");
    await storage.remove?.();
    await storage.remove?.();
    expect(await storage.read()).toBeNull();
    await storage.probe?.();
    expect(await storage.read()).toBeNull();
  });

  it("does nothing with an aborted signal", async () => {
    const reason = new Error("enough");
    const options = { signal: AbortSignal.abort(reason) };
    const storage = memoryTokenStorage("one");
    for (const call of [
      () => storage.read(options),
      () => storage.write("two", options),
      () => storage.replace?.("one", "two", options),
      () => storage.remove?.(options),
      () => storage.probe?.(options),
    ]) {
      expect(call).toThrow(reason);
    }
    expect(await storage.read()).toBe("one");
  });

  it("ends a watch when its signal aborts, or already has", async () => {
    const storage = memoryTokenStorage();
    const control = new AbortController();
    let calls = 0;
    const changed = () => {
      calls += 1;
    };
    storage.watch?.(changed, { signal: control.signal });
    await storage.write("one");
    control.abort();
    storage.watch?.(changed, { signal: control.signal });
    await storage.write("two");
    expect(calls).toBe(1);
  });
});

describe("memoryTokenStorage", () => {
  it("has a location that does not reveal the token", () => {
    expect(memoryTokenStorage("secret").location).toBe("memory");
    expect(JSON.stringify(memoryTokenStorage("secret"))).not.toContain("secret");
  });

  it("notifies watchers until they unsubscribe", async () => {
    const storage = memoryTokenStorage();
    const heard: string[] = [];
    const stopFirst = storage.watch?.(() => heard.push("first"));
    const stopSecond = storage.watch?.(() => heard.push("second"));
    await storage.write("one");
    stopFirst?.();
    stopFirst?.();
    await storage.write("two");
    stopSecond?.();
    await storage.write("three");
    expect(heard).toStrictEqual(["first", "second", "second"]);
  });

  it("calls a listener that was added twice twice, and once after one unsubscribes", async () => {
    const storage = memoryTokenStorage();
    let calls = 0;
    const changed = () => {
      calls += 1;
    };
    const stop = storage.watch?.(changed);
    storage.watch?.(changed);
    await storage.write("one");
    stop?.();
    await storage.write("two");
    expect(calls).toBe(3);
  });

  it("lets a listener unsubscribe another during a change", async () => {
    const storage = memoryTokenStorage();
    const heard: string[] = [];
    storage.watch?.(() => {
      heard.push("first");
      stopSecond?.();
    });
    const stopSecond = storage.watch?.(() => heard.push("second"));
    await storage.write("one");
    await storage.write("two");
    expect(heard).toStrictEqual(["first", "second", "first"]);
  });
});
