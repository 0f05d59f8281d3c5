import { describe, expect, it } from "vitest";
import { type LeaseState, PERMISSIONS, permitted } from "./permissions.ts";

const states: readonly LeaseState[] = ["held", "unsure", "draining", "lost"];

describe("what a runner may do", () => {
  it("registers, with and without a token, and runs jobs only with a valid lease", () => {
    for (const state of states) {
      const { register, registerUnsigned, jobs } = PERMISSIONS[state];
      expect([register, registerUnsigned, jobs]).toEqual(Array(3).fill(state === "held"));
    }
  });

  it("sends heartbeats without a valid lease until the platform rejects one", () => {
    expect(permitted("heartbeat", PERMISSIONS.unsure, false)).toBe("heartbeat");
    expect(permitted("register", PERMISSIONS.unsure, false)).toBe("heartbeat");
    expect(permitted("heartbeat", PERMISSIONS.unsure, true)).toBeNull();
    expect(permitted("register", PERMISSIONS.unsure, true)).toBeNull();
  });

  it("does what is due with a valid lease, and starts nothing new for another runner's workspace", () => {
    expect(permitted("register", PERMISSIONS.held, true)).toBe("register");
    expect(permitted("heartbeat", PERMISSIONS.held, true)).toBe("heartbeat");
    for (const state of ["draining", "lost"] as const) {
      expect(permitted("heartbeat", PERMISSIONS[state], false)).toBeNull();
      expect(permitted("register", PERMISSIONS[state], false)).toBeNull();
    }
  });
});
