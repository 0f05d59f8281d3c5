import { describe, expect, it } from "vitest";
import type { Outcome } from "../platform/reply.ts";
import { createPlatformGate } from "./platform-gate.ts";

const accepted: Outcome = { kind: "accepted" };
const down = (retryAfterMs = 0): Outcome => ({ kind: "unavailable", why: "503", retryAfterMs });

/** A gate after failures at these times, each of a request of its own. */
function failed(...times: number[]) {
  const gate = createPlatformGate();
  for (const time of times) {
    gate.admit(time);
    gate.report(down(), time, time);
  }
  return gate;
}

describe("the gate of a platform", () => {
  it("stays open for one or two failures in a row", () => {
    expect(failed(0, 1).isOpen(1)).toBe(true);
  });

  it("closes at the third, and lets one probe at a time through, later and later, at most 60 s apart", () => {
    const gate = failed(0, 1, 2);
    expect([gate.admit(2), gate.admit(5_001), gate.admit(5_002), gate.admit(5_003)]).toEqual([
      false,
      false,
      true,
      false,
    ]);
    const waits = [];
    for (let now = 5_002; waits.length < 6; now = gate.probeAt()) {
      gate.admit(now);
      gate.report(down(), now, now);
      waits.push(gate.probeAt() - now);
    }
    expect(waits).toEqual([10_000, 20_000, 40_000, 60_000, 60_000, 60_000]);
  });

  it("counts failures of requests that were under way together as one", () => {
    const gate = createPlatformGate();
    for (let request = 0; request < 100; request += 1) gate.report(down(), 0, 10 + request);
    expect(gate.isOpen(200)).toBe(true);
  });

  it("opens with the first answer, a refusal included", () => {
    for (const outcome of [accepted, { kind: "refused", status: 401, why: "401" } as const]) {
      const gate = failed(0, 1, 2);
      gate.admit(6_000);
      gate.report(outcome, 6_000, 6_001);
      expect(gate.isOpen(6_001)).toBe(true);
    }
  });

  it("pauses all as long as the platform asks one of them to, whatever was under way then", () => {
    const gate = createPlatformGate();
    gate.report(down(7_000), 0, 10);
    gate.report(accepted, 5, 20);
    expect([gate.admit(7_009), gate.admit(7_010)]).toEqual([false, true]);
  });
});
