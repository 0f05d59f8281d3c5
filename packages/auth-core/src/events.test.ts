import { describe, expect, it } from "vitest";
import { type AuthEvent, createEmit } from "./events.ts";

const event: AuthEvent = { type: "storage-changed", location: "memory" };

describe("createEmit", () => {
  it("tells the listener at once", () => {
    const heard: AuthEvent[] = [];
    createEmit((each) => heard.push(each))(event);
    expect(heard).toStrictEqual([event]);
  });

  it("does nothing when nobody listens", () => {
    expect(() => createEmit(undefined)(event)).not.toThrow();
  });

  it("outlives a listener that throws", () => {
    const emit = createEmit(() => {
      throw new Error("the listener's own");
    });
    expect(() => emit(event)).not.toThrow();
  });

  it("outlives an async listener that rejects", async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown) => void unhandled.push(reason);
    process.on("unhandledRejection", note);
    createEmit(async () => {
      throw new Error("the listener's own");
    })(event);
    // Node reports unhandled rejections once the microtasks are done.
    await new Promise((done) => setImmediate(done));
    process.off("unhandledRejection", note);
    expect(unhandled).toStrictEqual([]);
  });
});
