import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Outcome } from "../platform/reply.ts";
import { DEFAULT_PACE } from "./delays.ts";
import { type Action, awaken, decide, INITIAL_STATE, type WorkerState } from "./machine.ts";
import { isTold } from "./repeated.ts";

const at = (seconds: number) => ({ monotonic: seconds * 1000, wall: seconds * 1000 });
const accepted: Outcome = { kind: "accepted" };
const refused: Outcome = { kind: "refused", status: 401, why: "401" };
const down: Outcome = { kind: "unavailable", why: "ECONNREFUSED", retryAfterMs: 0 };
const malformed: Outcome = { kind: "invalid", status: 400, why: "400" };

function after(state: WorkerState, done: Action, outcome: Outcome, seconds = 0) {
  return decide(state, done, outcome, { pace: DEFAULT_PACE, now: at(seconds), random: () => 0.5 });
}

/** Plays outcomes from the start, each for whatever is due then. Returns what was done, and when, in seconds. */
function play(outcomes: readonly Outcome[]) {
  let state = INITIAL_STATE;
  let planned: Action = "register";
  let seconds = 0;
  const done: string[] = [];
  for (const outcome of outcomes) {
    done.push(`${seconds} ${planned}`);
    const decision = after(state, planned, outcome, seconds);
    state = decision.state;
    planned = decision.next;
    seconds += decision.wait === "interval" ? 30 : decision.wait / 1000;
  }
  return { done, state };
}

describe("a workspace at its start", () => {
  it("registers, beats at once, and then every interval", () => {
    const { done, state } = play([accepted, accepted, accepted]);
    expect(done).toEqual(["0 register", "0 beat", "30 beat"]);
    expect(state.phase).toBe("beating");
  });

  it("tries eight times to register, then beats regardless, and registers when a beat is accepted", () => {
    const { done } = play([...Array(8).fill(down), accepted, accepted, accepted]);
    expect(done.map((step) => step.split(" ")[1])).toEqual([
      ...Array(8).fill("register"),
      "beat",
      "register",
      "beat",
    ]);
    expect(done[7]).toBe("91 register");
  });

  it("stops at once with registrations that the platform calls malformed, and beats regardless", () => {
    expect(play([malformed, accepted, malformed, accepted]).done).toEqual([
      "0 register",
      "30 beat",
      "30 register",
      "60 beat",
    ]);
  });
});

describe("a workspace that is refused", () => {
  it("registers after the first refusal, because its tokens may all be revoked, and beats again at once", () => {
    expect(play([accepted, accepted, refused, accepted, accepted, accepted]).done).toEqual([
      "0 register",
      "0 beat",
      "30 beat",
      "30 register",
      "30 beat",
      "60 beat",
    ]);
  });

  it("never ends up in a hot loop, even when each registration is accepted and each beat refused", () => {
    let state: WorkerState = INITIAL_STATE;
    let planned: Action = "register";
    let ms = 0;
    let requests = 0;
    while (ms < 3_600_000) {
      const outcome = planned === "register" ? accepted : refused;
      const decision = after(state, planned, outcome, ms / 1000);
      state = decision.state;
      planned = decision.next;
      ms += decision.wait === "interval" ? 30_000 : decision.wait;
      requests += 1;
    }
    expect(requests).toBeLessThan(140);
    expect(state.refusals).toBeGreaterThan(100);
  });

  it("keeps count over outages; only an accepted beat ends the row", () => {
    const { state } = play([accepted, refused, accepted, refused, accepted, down]);
    expect(state.refusals).toBe(2);
    expect(after(state, "beat", accepted).state.refusals).toBe(0);
  });

  it("is told of at 1, 2, 3, 23 and 43 refusals in a row", () => {
    const told = Array.from({ length: 60 }, (_, index) => index).filter(isTold);
    expect(told).toEqual([1, 2, 3, 23, 43]);
  });
});

describe("a workspace after a pause", () => {
  const alive: WorkerState = { ...INITIAL_STATE, phase: "beating", registered: true, aliveAt: at(0) };

  it("beats when the platform still takes it for alive", () => {
    expect(awaken(alive, "beat", DEFAULT_PACE, at(33))[1]).toBe("beat");
  });

  it("incident 17: registers when it slept longer than the platform's patience, whichever clock shows it", () => {
    for (const now of [at(61), { monotonic: 10_000, wall: 61_000 }, { monotonic: 61_000, wall: -5_000 }]) {
      const [state, action] = awaken(alive, "beat", DEFAULT_PACE, now);
      expect(action).toBe("register");
      expect(state.phase).toBe("registering");
    }
  });

  it("does not take a long interval for a pause", () => {
    const pace = { ...DEFAULT_PACE, intervalMs: 300_000 };
    expect(awaken(alive, "beat", pace, at(330))[1]).toBe("beat");
    expect(awaken(alive, "beat", pace, at(451))[1]).toBe("register");
  });

  it("registers again when the first beat after a longer outage is accepted", () => {
    const { state } = after({ ...alive, phase: "recovering", failures: 4 }, "beat", accepted, 75);
    expect(state.registered).toBe(false);
    expect(after({ ...alive, phase: "recovering", failures: 1 }, "beat", accepted, 35).next).toBe("beat");
  });
});

describe("any workspace", () => {
  const outcome = fc.oneof(
    fc.constant(accepted),
    fc.constantFrom<Outcome>(refused, malformed, { kind: "gone", status: 410, why: "" }),
    fc.record({
      kind: fc.constant("unavailable" as const),
      why: fc.constant(""),
      retryAfterMs: fc.nat(100_000),
    }),
  );

  it("never waits less than 4.5 s after three requests without a beat accepted, nor more than an hour", () => {
    fc.assert(
      fc.property(
        fc.array(outcome, { minLength: 1, maxLength: 60 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (outcomes, random) => {
          let state = INITIAL_STATE;
          let planned: Action = "register";
          let atOnce = 0;
          for (const result of outcomes) {
            const registering = state.phase === "registering";
            const decision = decide(state, planned, result, {
              pace: DEFAULT_PACE,
              now: at(0),
              random: () => random,
            });
            const waitMs = decision.wait === "interval" ? 30_000 : decision.wait;
            expect(waitMs).toBeLessThanOrEqual(3_600_000);
            atOnce = waitMs < 4_500 && !registering && result.kind !== "accepted" ? atOnce + 1 : 0;
            expect(atOnce).toBeLessThanOrEqual(2);
            state = decision.state;
            planned = decision.next;
          }
        },
      ),
    );
  });
});
