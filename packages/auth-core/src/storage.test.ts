import { describe, expect, it } from "vitest";
import { memoryTokenStorage } from "./storage.ts";

describe("memoryTokenStorage", () => {
  it("holds nothing at first, or what it was given", async () => {
    expect(await memoryTokenStorage().read()).toBeNull();
    expect(await memoryTokenStorage("1234").read()).toBe("1234");
  });

  it("reads what was written last", async () => {
    const storage = memoryTokenStorage("one");
    await storage.write("two");
    await storage.write("three");
    expect(await storage.read()).toBe("three");
  });

  it("shares nothing with another one", async () => {
    const [one, other] = [memoryTokenStorage(), memoryTokenStorage()];
    await one.write("one");
    expect(await other.read()).toBeNull();
  });

  it("has a location that does not give the token away", () => {
    expect(memoryTokenStorage("secret").location).toBe("memory");
    expect(JSON.stringify(memoryTokenStorage("secret"))).not.toContain("secret");
  });

  it("tells those who watch, until they stop", async () => {
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

  it("tells the same listener twice when it was added twice, and once after one stop", async () => {
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

  it("lets a listener stop another one while both are told", async () => {
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
