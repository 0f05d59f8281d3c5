import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { contracts } from "./contract.ts";
import { statusAt } from "./liveness.ts";
import { afterHeartbeat, provisioned, registered, removed, type Workspace } from "./workspace.ts";

const health = fc.record({
  errorRate: fc.double({ min: 0, max: 1, noNaN: true }),
  runtimeState: fc.constantFrom("", "wedged"),
});
const steps = fc.array(fc.record({ afterMs: fc.nat({ max: 240_000 }), health }), { maxLength: 30 });
const contract = fc.constantFrom(contracts.v1, contracts.v2);
const mode = fc.constantFrom("push" as const, "poll" as const);

const heartbeat = (workspace: Workspace, more: { errorRate: number; runtimeState: string }) => ({
  ...workspace,
  ...more,
});

describe("liveness", () => {
  it("no number of heartbeats, at any times, revives a workspace whose key expired", () => {
    fc.assert(
      fc.property(steps, contract, mode, (silence, played, deliveryMode) => {
        const registration = { url: "", agentCard: null, deliveryMode };
        let workspace = registered(provisioned("agent", 0), registration, 0, played);
        let now = 0;
        let expired = false;
        for (const { afterMs, health } of silence) {
          now += afterMs;
          expired ||= workspace.aliveUntil !== null && now > workspace.aliveUntil;
          workspace = afterHeartbeat(workspace, heartbeat(workspace, health), now, played);
          const status = statusAt(workspace, now);
          if (expired) expect(status).toBe("offline");
          else expect(["online", "degraded"]).toContain(status);
        }
        expect(statusAt(registered(workspace, registration, now, played), now)).toBe("online");
      }),
    );
  });

  it("nothing revives a workspace that was removed", () => {
    fc.assert(
      fc.property(steps, contract, (story, played) => {
        let workspace = removed(provisioned("agent", 0), 0);
        for (const { afterMs, health } of story) {
          workspace = afterHeartbeat(workspace, heartbeat(workspace, health), afterMs, played);
          workspace = registered(workspace, { url: "http://a", agentCard: 1 }, afterMs, played);
        }
        expect(workspace).toEqual(removed(provisioned("agent", 0), 0));
      }),
    );
  });

  it("a degraded workspace stays so between the two thresholds, from either side", () => {
    fc.assert(
      fc.property(fc.double({ min: 0.1, max: 0.4999, noNaN: true }), contract, (errorRate, played) => {
        const online = registered(provisioned("agent", 0), { url: "", agentCard: null }, 0, played);
        const calm = { errorRate, runtimeState: "" };
        expect(afterHeartbeat(online, heartbeat(online, calm), 1, played).status).toBe("online");
        const degraded = afterHeartbeat(
          online,
          heartbeat(online, { errorRate: 0.5, runtimeState: "" }),
          1,
          played,
        );
        expect(afterHeartbeat(degraded, heartbeat(degraded, calm), 2, played).status).toBe("degraded");
      }),
    );
  });
});
