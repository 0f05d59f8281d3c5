import { describe, expect, it } from "vitest";
import type { Outcome } from "../transport/reply.ts";
import { createCircuitBreaker } from "./circuit-breaker.ts";

const accepted: Outcome = { kind: "accepted" };
const down = (retryAfterMs = 0): Outcome => ({ kind: "unavailable", why: "503", retryAfterMs });

/** A breaker after failures at these times, each of a request of its own. */
function failed(...times: number[]) {
  const breaker = createCircuitBreaker();
  for (const time of times) {
    breaker.admit(time);
    breaker.report(down(), time, time);
  }
  return breaker;
}

describe("the circuit breaker of a platform", () => {
  it("stays closed for one or two failures in a row", () => {
    expect(failed(0, 1).isClosed(1)).toBe(true);
  });

  it("opens at the third, and lets one probe at a time through, later and later, at most 60 s apart", () => {
    const breaker = failed(0, 1, 2);
    expect([breaker.admit(2), breaker.admit(5_001), breaker.admit(5_002), breaker.admit(5_003)]).toEqual([
      false,
      false,
      true,
      false,
    ]);
    const waits = [];
    for (let now = 5_002; waits.length < 6; now = breaker.probeAt()) {
      breaker.admit(now);
      breaker.report(down(), now, now);
      waits.push(breaker.probeAt() - now);
    }
    expect(waits).toEqual([10_000, 20_000, 40_000, 60_000, 60_000, 60_000]);
  });

  it("counts failures of requests that were in flight together as one", () => {
    const breaker = createCircuitBreaker();
    for (let request = 0; request < 100; request += 1) breaker.report(down(), 0, 10 + request);
    expect(breaker.isClosed(200)).toBe(true);
  });

  it("closes with the first answer, a rejection included", () => {
    for (const outcome of [accepted, { kind: "unauthorized", status: 401, why: "401" } as const]) {
      const breaker = failed(0, 1, 2);
      breaker.admit(6_000);
      breaker.report(outcome, 6_000, 6_001);
      expect(breaker.isClosed(6_001)).toBe(true);
    }
  });

  it("pauses all as long as the platform asks one of them to, whatever was in flight then", () => {
    const breaker = createCircuitBreaker();
    breaker.report(down(7_000), 0, 10);
    breaker.report(accepted, 5, 20);
    expect([breaker.admit(7_009), breaker.admit(7_010)]).toEqual([false, true]);
  });
});
