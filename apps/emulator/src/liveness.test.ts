import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { contracts } from "./contract.ts";
import { statusAt } from "./liveness.ts";
import { afterHeartbeat, provisioned, registered, removed, type Workspace, withStatus } from "./workspace.ts";

const health = fc.record({
  errorRate: fc.double({ min: 0, max: 1, noNaN: true }),
  runtimeState: fc.constantFrom("", "wedged"),
});
const steps = fc.array(fc.record({ afterMs: fc.nat({ max: 240_000 }), health }), { maxLength: 30 });
const contract = fc.constantFrom(contracts.v1, contracts.v2);
const runtime = fc.constantFrom("external", "claude-code");

const heartbeat = (workspace: Workspace, more: { errorRate: number; runtimeState: string }) => ({
  ...workspace,
  ...more,
});

const registration = { url: "", agentCard: null };

describe("liveness", () => {
  it("v1: no number of heartbeats, at any times, revives a workspace whose key expired", () => {
    fc.assert(
      fc.property(steps, (silence) => {
        let workspace = registered(provisioned("agent", 0), registration, 0, contracts.v1);
        let now = 0;
        let expired = false;
        for (const { afterMs, health } of silence) {
          now += afterMs;
          expired ||= workspace.aliveUntil !== null && now > workspace.aliveUntil;
          workspace = afterHeartbeat(workspace, heartbeat(workspace, health), now, contracts.v1);
          const status = statusAt(workspace, now, contracts.v1);
          if (expired) expect(status).toBe("offline");
          else expect(["online", "degraded"]).toContain(status);
        }
        const revived = registered(workspace, registration, now, contracts.v1);
        expect(statusAt(revived, now, contracts.v1)).toBe("online");
      }),
    );
  });

  it("v2: an external workspace awaits its agent after 180 s of silence, and one heartbeat brings it back", () => {
    fc.assert(
      fc.property(steps, runtime, (silence, runtime) => {
        let workspace = registered(provisioned("agent", 0, { runtime }), registration, 0, contracts.v2);
        let now = 0;
        for (const { afterMs, health } of silence) {
          now += afterMs;
          const isAwaited = statusAt(workspace, now, contracts.v2) === "awaiting_agent";
          expect(isAwaited).toBe(runtime === "external" && afterMs > 180_000);
          workspace = afterHeartbeat(
            withStatus(workspace, statusAt(workspace, now, contracts.v2), now),
            heartbeat(workspace, health),
            now,
            contracts.v2,
          );
          if (isAwaited) expect(workspace.status).toBe("online");
        }
      }),
    );
  });

  it("v2: a workspace that failed to register is degraded for 5 minutes, regardless of its reported health", () => {
    const online = registered(provisioned("agent", 0), registration, 0, contracts.v2);
    const failed = { ...online, registerFailedAt: 1_000 };
    const well = heartbeat(failed, { errorRate: 0, runtimeState: "" });
    const degraded = afterHeartbeat(failed, well, 2_000, contracts.v2);
    expect(degraded.status).toBe("degraded");
    expect(afterHeartbeat(degraded, well, 300_999, contracts.v2).status).toBe("degraded");
    expect(afterHeartbeat(degraded, well, 301_000, contracts.v2).status).toBe("online");
    expect(registered(degraded, registration, 3_000, contracts.v2).registerFailedAt).toBeNull();
  });

  it("nothing revives a removed workspace", () => {
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

  it("between the two thresholds a workspace keeps its status, degraded or not", () => {
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
