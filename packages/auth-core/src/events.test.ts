import { describe, expect, it } from "vitest";
import { Caches } from "./caches.ts";
import type { AuthEvent, AuthEventListener } from "./events.ts";
import { Settings } from "./settings.ts";
import { memoryTokenStorage } from "./storage.ts";

const event: AuthEvent = { type: "storage-changed", location: "memory" };

/** Calls the listener as an `Auth` does. */
const notify = (onEvent: AuthEventListener | undefined, emitted: AuthEvent) => {
  const options = { storage: memoryTokenStorage(), ...(onEvent && { onEvent }) };
  void new Caches(options, new Settings(options)).emit(emitted);
};

describe("an event", () => {
  it("calls the listener synchronously", () => {
    const heard: AuthEvent[] = [];
    notify((each) => heard.push(each), event);
    expect(heard).toStrictEqual([event]);
  });

  it("does nothing without a listener", () => {
    expect(() => notify(undefined, event)).not.toThrow();
  });

  it("survives a listener that throws", () => {
    const listener = () => {
      throw new Error("thrown by the listener");
    };
    expect(() => notify(listener, event)).not.toThrow();
  });

  it("survives an async listener that rejects", async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown) => void unhandled.push(reason);
    process.on("unhandledRejection", note);
    notify(async () => {
      throw new Error("thrown by the listener");
    }, event);
    // Node reports unhandled rejections once the microtasks are done.
    await new Promise((done) => setImmediate(done));
    process.off("unhandledRejection", note);
    expect(unhandled).toStrictEqual([]);
  });
});
