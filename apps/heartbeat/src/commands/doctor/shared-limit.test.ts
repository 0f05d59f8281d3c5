import type { PlatformResult } from "@x/platform-client";
import { describe, expect, it } from "vitest";
import { SharedLimit } from "./shared-limit.ts";

/** A platform with a limit per minute, and a clock that jumps to the end of each pause. */
function setUp({ limit: initial = 600, bucket = "tenant" as "tenant" | "bearer" } = {}) {
  let limit = initial;
  let now = 0;
  let used = 0;
  let pauses = 0;
  const clock = {
    monotonic: () => now,
    wall: () => now,
    after(ms: number, then: () => void) {
      now += ms;
      used = 0;
      queueMicrotask(then);
      return () => {};
    },
  };
  const shared = new SharedLimit({
    clock,
    onPause() {
      pauses += 1;
    },
  });
  const ask = async (): Promise<PlatformResult<null>> => {
    const remaining = Math.max(0, limit - ++used);
    shared.observe({ workspaceId: "a", bucket, rateLimit: { limit, remaining, resetAfterMs: 59_000 } });
    if (used <= limit) return { ok: true, status: 200, value: null, latencyMs: 1 };
    const failure = { kind: "unavailable", code: "RATE_LIMITED", status: 429, message: "429" } as const;
    return { ok: false, failure: { ...failure, retryAfterMs: 59_000, sent: "no" } };
  };
  return {
    /** Sends so many requests, and returns how many were accepted. */
    async send(count: number) {
      let accepted = 0;
      for (let sent = 0; sent < count; sent += 1) if ((await shared.keep(ask)).ok) accepted += 1;
      return accepted;
    },
    /** As another client. */
    take(count: number) {
      used += count;
    },
    allow(requests: number) {
      limit = requests;
    },
    used: () => used,
    pauses: () => pauses,
  };
}

describe("requests of doctor, under a rate limit that they share with the runner", () => {
  it("leave it half of the limit", async () => {
    const { send, used, pauses } = setUp();
    expect(await send(1_000)).toBe(1_000);
    expect(pauses()).toBe(3);
    expect(used()).toBeLessThan(301);
  });

  it("are not delayed when there are few, even if most of the limit is used", async () => {
    const { send, take, pauses } = setUp();
    take(500);
    expect(await send(12)).toBe(12);
    expect(pauses()).toBe(0);
  });

  it("are sent again after the pause that the platform asks for", async () => {
    const { send, take, pauses } = setUp();
    expect(await send(20)).toBe(20);
    take(580);
    expect(await send(1)).toBe(1);
    expect(pauses()).toBe(1);
  });

  it("are not delayed by limits that each workspace has for itself", async () => {
    const { send, pauses } = setUp({ bucket: "bearer" });
    expect(await send(600)).toBe(600);
    expect(pauses()).toBe(0);
  });

  it("that are always rejected end with that answer, at first without a pause, and in the end", async () => {
    const { send, pauses } = setUp({ limit: 0 });
    expect(await send(20)).toBe(0);
    expect(pauses()).toBe(0);
    expect(await send(1)).toBe(0);
    expect(pauses()).toBe(3);
    expect(await send(1_000)).toBe(0);
    expect(pauses()).toBe(3);
  });

  it("are sent after pauses again once one was accepted", async () => {
    const { send, take, allow, pauses } = setUp({ limit: 0 });
    await send(30);
    allow(600);
    expect(await send(1)).toBe(1);
    take(600);
    expect(await send(1)).toBe(1);
    expect(pauses()).toBe(4);
  });
});
