import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  circuitOpen,
  failure,
  notStorable,
  removed,
  unauthorized,
  unreachable,
} from "../../test/failures.ts";
import { DEFAULT_TIMING } from "../config/timing.ts";
import type { Outcome } from "./outcome.ts";
import { type Action, decide, initialState, resume, type WorkspaceState } from "./state-machine.ts";

const accepted: Outcome = { kind: "accepted" };
const malformed = failure({});
const INITIAL_STATE = initialState("register");

function after(state: WorkspaceState, done: Action, outcome: Outcome, silentSeconds = 0) {
  const context = { timing: DEFAULT_TIMING, silentMs: silentSeconds * 1000, random: () => 0.5 };
  return decide(state, done, outcome, context);
}

/** Runs through outcomes from the start, each for whatever is due. Returns the actions with their times in seconds. */
function play(outcomes: readonly Outcome[], begin: Action = "register") {
  let state = initialState(begin);
  let planned = begin;
  let seconds = 0;
  let aliveAt: number | null = null;
  const done: string[] = [];
  for (const outcome of outcomes) {
    done.push(`${seconds} ${planned}`);
    const decision = after(state, planned, outcome, aliveAt === null ? 0 : seconds - aliveAt);
    if (outcome.kind === "accepted") aliveAt = seconds;
    state = decision.state;
    planned = decision.next;
    seconds += decision.wait === "interval" ? 30 : decision.wait / 1000;
  }
  return { done, state };
}

describe("a workspace that starts", () => {
  it("registers, heartbeats at once, and then every interval", () => {
    const { done, state } = play([accepted, accepted, accepted]);
    expect(done).toEqual(["0 register", "0 heartbeat", "30 heartbeat"]);
    expect(state.phase).toBe("alive");
  });

  it("tries eight times to register, then sends heartbeats, and registers when one is accepted", () => {
    const { done } = play([...Array(8).fill(unreachable), accepted, accepted, accepted]);
    expect(done.map((step) => step.split(" ")[1])).toEqual([
      ...Array(8).fill("register"),
      "heartbeat",
      "register",
      "heartbeat",
    ]);
    expect(done[7]).toBe("91 register");
  });

  it("stops registering at once if the platform calls it malformed, and keeps sending heartbeats", () => {
    expect(play([malformed, accepted, malformed, accepted]).done).toEqual([
      "0 register",
      "30 heartbeat",
      "30 register",
      "60 heartbeat",
    ]);
  });

  it("that another runner has kept alive continues with a heartbeat and does not register", () => {
    expect(play([accepted, accepted], "heartbeat").done).toEqual(["0 heartbeat", "30 heartbeat"]);
  });

  it("tries again every interval while its token could not be stored, and sends no heartbeat", () => {
    const { done } = play([...Array(12).fill(notStorable), accepted, accepted]);
    expect(done.slice(0, 3)).toEqual(["0 register", "30 register", "60 register"]);
    expect(done.slice(-2)).toEqual(["360 register", "360 heartbeat"]);
  });

  it("that was removed is checked every interval, and sends no heartbeat", () => {
    expect(play([removed, removed, removed]).done).toEqual(["0 register", "30 register", "60 register"]);
  });

  it("does what was due once requests are allowed again, and counts no failure meanwhile", () => {
    const { done, state } = play([circuitOpen(7_000), circuitOpen(5_000), accepted]);
    expect(done).toEqual(["0 register", "7 register", "12 register"]);
    expect(state).toMatchObject({ tries: 0, failures: 0 });
  });
});

describe("a rejected workspace", () => {
  it("registers after the first rejection, because its tokens may all be revoked, and sends a heartbeat at once", () => {
    expect(play([accepted, accepted, unauthorized, accepted, accepted, accepted]).done).toEqual([
      "0 register",
      "0 heartbeat",
      "30 heartbeat",
      "30 register",
      "30 heartbeat",
      "60 heartbeat",
    ]);
  });

  it("never ends up in a hot loop, even when each registration is accepted and each heartbeat rejected", () => {
    let state: WorkspaceState = INITIAL_STATE;
    let planned: Action = "register";
    let ms = 0;
    let requests = 0;
    while (ms < 3_600_000) {
      const outcome = planned === "register" ? accepted : unauthorized;
      const decision = after(state, planned, outcome);
      state = decision.state;
      planned = decision.next;
      ms += decision.wait === "interval" ? 30_000 : decision.wait;
      requests += 1;
    }
    expect(requests).toBeLessThan(140);
    expect(state.rejections).toBeGreaterThan(100);
  });

  it("keeps counting during outages until a heartbeat is accepted", () => {
    const { state } = play([accepted, unauthorized, accepted, unauthorized, accepted, unreachable]);
    expect(state.rejections).toBe(2);
    expect(after(state, "heartbeat", accepted).state.rejections).toBe(0);
  });
});

describe("a workspace after a pause", () => {
  const alive: WorkspaceState = { ...INITIAL_STATE, phase: "alive", registered: true };
  const resumed = (silentSeconds: number, timing = DEFAULT_TIMING) =>
    resume(alive, "heartbeat", { timing, silentMs: silentSeconds * 1000 });

  it("sends a heartbeat while the platform still counts it as alive", () => {
    expect(resumed(33)[1]).toBe("heartbeat");
  });

  it("incident 17: registers after a sleep longer than the liveness timeout", () => {
    const [state, action] = resumed(61);
    expect(action).toBe("register");
    expect(state.phase).toBe("registering");
  });

  it("does not mistake a long interval for a pause", () => {
    const timing = { ...DEFAULT_TIMING, intervalMs: 300_000 };
    expect(resumed(330, timing)[1]).toBe("heartbeat");
    expect(resumed(451, timing)[1]).toBe("register");
  });

  it("registers again when the first heartbeat after a longer outage is accepted", () => {
    const { state } = after({ ...alive, phase: "recovering", failures: 4 }, "heartbeat", accepted, 75);
    expect(state.registered).toBe(false);
    expect(after({ ...alive, phase: "recovering", failures: 1 }, "heartbeat", accepted, 35).next).toBe(
      "heartbeat",
    );
  });
});

describe("any workspace", () => {
  const outcome = fc.oneof(
    fc.constant(accepted),
    fc.constantFrom<Outcome>(unauthorized, malformed, removed, notStorable),
    fc.nat(7_200_000).map((retryAfterMs) => ({ ...unreachable, retryAfterMs })),
  );

  it("never waits less than 4.5 s after three requests without an accepted heartbeat, nor more than an hour", () => {
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
              timing: DEFAULT_TIMING,
              silentMs: 0,
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
