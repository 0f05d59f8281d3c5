import { afterEach, describe, expect, it, vi } from "vitest";
import { run } from "../src/harness.ts";

afterEach(() => void vi.useRealTimers());

describe("the shared harness", () => {
  it("counts passed tests, and names failed ones with the reason", async () => {
    const outcome = await run(({ describe, it }) => {
      describe("a", () => {
        describe("b", () => {
          it("passes", () => {});
          it("throws", () => {
            throw new TypeError("no");
          });
        });
        it("rejects", () => Promise.reject("never"));
      });
    });
    expect(outcome).toEqual({
      passed: 1,
      failed: [
        { name: "a > b > throws", error: "TypeError: no" },
        { name: "a > rejects", error: "never" },
      ],
    });
  });

  it("runs one after the other, in order", async () => {
    const order: string[] = [];
    await run(({ it }) => {
      it("slow", async () => {
        await new Promise((resolve) => setImmediate(resolve));
        order.push("slow");
      });
      it("quick", () => void order.push("quick"));
    });
    expect(order).toEqual(["slow", "quick"]);
  });

  it("times out a hanging test and continues with the next", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const running = run(({ it }) => {
      it("hangs", () => new Promise(() => {}));
      it("is fine", () => {});
    });
    await vi.advanceTimersByTimeAsync(20_000);
    expect(await running).toEqual({
      passed: 1,
      failed: [{ name: "hangs", error: "Error: not done after 20000 ms" }],
    });
  });
});
