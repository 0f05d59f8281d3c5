import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { manualClock } from "../test/support/clock.ts";
import { numRuns } from "../test/support/runs.ts";
import { type BreakerOutcome, type RouteGroup, UNKNOWN, WORKS } from "./breaker-outcome.ts";
import { type CircuitBreaker, createCircuitBreaker, type Permit } from "./circuit-breaker.ts";

const fails = (retryAfterMs = 0): BreakerOutcome => ({ health: "fails", retryAfterMs });
const unreachable: BreakerOutcome = { health: "unreachable", retryAfterMs: 0 };
const ALL = { registry: true, workspaces: true, messages: true };
const NONE = { registry: false, workspaces: false, messages: false };

function scene() {
  const clock = manualClock();
  const breaker = createCircuitBreaker({ clock });
  const start = (group: RouteGroup, id = "a"): Permit | null => {
    const permit = breaker.acquire(group, id);
    return "startedAt" in permit ? permit : null;
  };
  /** A request that begins and ends now; false: it was blocked. */
  const ask = (group: RouteGroup, outcome: BreakerOutcome, id = "a"): boolean => {
    const permit = start(group, id);
    if (permit !== null) breaker.release(permit, outcome);
    return permit !== null;
  };
  /** Of one request to each group: whether it passed. The registry comes last: others may wait for its response. */
  const passing = () => ({
    workspaces: ask("workspaces", WORKS),
    messages: ask("messages", WORKS),
    registry: ask("registry", WORKS),
  });
  const failed = (group: RouteGroup, outcome = fails(), times = 3) => {
    for (let time = 0; time < times; time += 1) {
      ask(group, outcome);
      clock.advance(1);
    }
  };
  return { clock, breaker, start, ask, passing, failed };
}

describe("the circuit breaker", () => {
  it("stays closed after two failures in a row", () => {
    const { breaker, failed, ask } = scene();
    failed("registry", fails(), 2);
    expect(breaker.isOpen("registry")).toBe(false);
    expect(ask("registry", WORKS)).toBe(true);
    failed("registry", fails(), 2);
    expect(breaker.isOpen("registry")).toBe(false);
  });

  it("opens at the third, then allows one probe at a time, after 5 s, doubling to 60 s", () => {
    const { clock, breaker, start, failed } = scene();
    failed("registry");
    const waits: number[] = [];
    for (let probe = 0; probe < 6; probe += 1) {
      waits.push(breaker.retryAfterMs("registry"));
      expect(start("registry")).toBeNull();
      clock.advance(breaker.retryAfterMs("registry"));
      const permit = start("registry");
      expect(start("registry")).toBeNull();
      expect(breaker.retryAfterMs("registry")).toBeGreaterThan(0);
      if (permit) breaker.release(permit, fails());
    }
    expect(waits).toEqual([4_999, 10_000, 20_000, 40_000, 60_000, 60_000]);
  });

  it("closes with the first response, and resets its count", () => {
    const { clock, breaker, ask, failed } = scene();
    failed("registry");
    clock.advance(5_000);
    expect(ask("registry", WORKS)).toBe(true);
    expect([breaker.isOpen("registry"), ask("workspaces", WORKS)]).toEqual([false, true]);
    failed("registry", fails(), 2);
    expect(breaker.isOpen("registry")).toBe(false);
  });

  it("counts failures of concurrent requests as one", () => {
    const { clock, breaker, start } = scene();
    const permits = Array.from({ length: 100 }, () => start("registry"));
    for (const permit of permits) {
      clock.advance(1);
      if (permit) breaker.release(permit, fails());
    }
    expect(breaker.isOpen("registry")).toBe(false);
  });

  it("a probe that was aborted or never ends does not block the next", () => {
    const { clock, breaker, start, failed } = scene();
    failed("registry");
    clock.advance(5_000);
    const aborted = start("registry");
    if (aborted) breaker.release(aborted, UNKNOWN);
    expect(start("registry")).not.toBeNull();
    expect(start("registry")).toBeNull();
    clock.advance(60_000);
    expect(start("registry")).not.toBeNull();
  });

  it("pauses all routes for as long as a registry route's answer asked, whatever is in flight", () => {
    const { clock, breaker, start, ask, passing } = scene();
    const inFlight = start("registry");
    clock.advance(5);
    ask("registry", fails(7_000));
    clock.advance(5);
    if (inFlight) breaker.release(inFlight, WORKS);
    expect(passing()).toEqual(NONE);
    expect(breaker.retryAfterMs("messages")).toBe(6_995);
    clock.advance(6_995);
    expect(passing()).toEqual(ALL);
  });

  it("keeps that pause, also if the request that it answers began before an earlier failure", () => {
    const { clock, breaker, start, ask } = scene();
    const slow = start("registry");
    clock.advance(5);
    ask("registry", fails());
    clock.advance(5);
    const inFlight = start("registry");
    clock.advance(5);
    if (slow) breaker.release(slow, fails(7_000));
    if (inFlight) breaker.release(inFlight, WORKS);
    expect(breaker.retryAfterMs("registry")).toBe(7_000);
    clock.advance(7_000);
    expect(ask("registry", WORKS)).toBe(true);
    expect(breaker.isOpen("registry")).toBe(false);
  });

  it("a pause or failures of /workspaces/* block those routes only, and heartbeats do not end them", () => {
    const { clock, ask, passing, failed } = scene();
    ask("workspaces", fails(300_000));
    clock.advance(1);
    for (let n = 0; n < 9; n += 1) {
      expect(passing()).toEqual({ ...ALL, workspaces: false });
      clock.advance(30_000);
    }
    clock.advance(30_000);
    expect(ask("workspaces", WORKS)).toBe(true);
    failed("workspaces");
    expect([ask("registry", WORKS), ask("workspaces", WORKS)]).toEqual([true, false]);
  });

  it("without responses, all routes wait, and any of them may probe", () => {
    for (const group of ["registry", "workspaces", "messages"] as const) {
      const { clock, breaker, ask, passing, failed } = scene();
      failed(group, unreachable);
      expect(passing()).toEqual(NONE);
      clock.advance(5_000);
      expect(ask(group, WORKS)).toBe(true);
      expect([breaker.isOpen("registry"), breaker.isOpen("workspaces")]).toEqual([false, false]);
    }
  });

  it("a failing registry is probed by its own routes; others only wait for its pause", () => {
    const { clock, breaker, start, ask, failed } = scene();
    failed("registry");
    expect(ask("workspaces", WORKS)).toBe(false);
    clock.advance(5_000);
    expect(ask("workspaces", WORKS)).toBe(true);
    expect(breaker.isOpen("registry")).toBe(true);
    expect(start("registry")).not.toBeNull();
    expect([start("registry"), ask("workspaces", WORKS)]).toEqual([null, true]);
  });

  it("a rate-limited workspace waits alone, for all routes or for those that were limited", () => {
    const { clock, breaker, ask, passing } = scene();
    const limited: BreakerOutcome = { health: "limited", retryAfterMs: 10_000 };
    ask("workspaces", limited, "a");
    ask("registry", limited, "b");
    expect(passing()).toEqual({ ...ALL, workspaces: false });
    expect([ask("workspaces", WORKS, "b"), ask("registry", WORKS, "b")]).toEqual([false, false]);
    expect([ask("workspaces", WORKS, "c"), breaker.isOpen("registry")]).toEqual([true, false]);
    clock.advance(10_000);
    expect([ask("workspaces", WORKS, "a"), ask("registry", WORKS, "b")]).toEqual([true, true]);
  });

  it("too many rate-limited workspaces to track pause the platform", () => {
    const { clock, breaker, ask } = scene();
    const limited: BreakerOutcome = { health: "limited", retryAfterMs: 10_000 };
    for (let id = 0; id < 10_000; id += 1) ask("registry", limited, String(id));
    expect(breaker.isOpen("registry")).toBe(false);
    ask("registry", limited, "one more");
    expect(breaker.isOpen("registry")).toBe(true);
    clock.advance(10_000);
    ask("registry", limited, "and another");
    expect(breaker.isOpen("registry")).toBe(false);
  });
});

describe("for any order of requests, responses and time", () => {
  type Step = { wait: number } | { start: RouteGroup; id: string } | { end: number; outcome: BreakerOutcome };
  const group = fc.constantFrom<RouteGroup>("registry", "workspaces", "messages");
  const health = fc.constantFrom<BreakerOutcome["health"]>(
    "works",
    "fails",
    "unreachable",
    "limited",
    "unknown",
  );
  const step = fc.oneof<fc.Arbitrary<Step>[]>(
    fc.record({ wait: fc.integer({ min: 0, max: 20_000 }) }),
    fc.record({ start: group, id: fc.constantFrom("a", "b") }),
    fc.record({
      end: fc.nat(),
      outcome: fc.record({ health, retryAfterMs: fc.constantFrom(0, 0, 3_000, 90_000) }),
    }),
  );

  function run(
    steps: readonly Step[],
    see: (breaker: CircuitBreaker, permit: Permit | null, inFlight: Permit[]) => void,
  ) {
    const { clock, breaker, start } = scene();
    const inFlight: Permit[] = [];
    for (const each of steps) {
      if ("wait" in each) clock.advance(each.wait);
      else if ("start" in each) {
        const permit = start(each.start, each.id);
        see(breaker, permit, inFlight);
        if (permit) inFlight.push(permit);
      } else {
        const [permit] = inFlight.splice(each.end % (inFlight.length || 1), 1);
        if (permit) breaker.release(permit, each.outcome);
      }
    }
    return { clock, breaker, start, inFlight };
  }

  it("at most one request probes at a time, and none starts during a pause", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const waits = steps.map((each) => ("wait" in each ? each.wait : 0));
        const patient = waits.reduce((sum, wait) => sum + wait, 0) < 60_000;
        run(steps, (breaker, permit, inFlight) => {
          if (permit === null) return;
          const probes = inFlight.filter(({ probesPlatform }) => probesPlatform).length;
          if (patient && permit.probesPlatform) expect(probes).toBe(0);
          // A request just allowed had no wait, unless it is the probe that others now wait for.
          if (!permit.probesPlatform && !permit.probesGroup)
            expect(breaker.retryAfterMs(permit.group)).toBe(0);
        });
      }),
      { numRuns },
    );
  });

  it("it never stays open: once the platform works again, all requests pass within the longest pause", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { clock, breaker, start, inFlight } = run(steps, () => {});
        for (const permit of inFlight) breaker.release(permit, UNKNOWN);
        clock.advance(90_000);
        for (const each of ["registry", "workspaces", "messages"] as const) {
          for (const id of ["a", "b"]) {
            const permit = start(each, id);
            expect(permit).not.toBeNull();
            if (permit) breaker.release(permit, WORKS);
          }
          expect(breaker.isOpen(each)).toBe(false);
        }
      }),
      { numRuns },
    );
  });
});
