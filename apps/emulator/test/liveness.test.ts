import { describe, expect, it } from "vitest";
import { AGENT } from "./ids.ts";
import {
  ask,
  bearer,
  fakeClock,
  field,
  heartbeat,
  join,
  joined,
  registration,
  start,
  statusOf,
} from "./support.ts";

const TTL_V1 = 60_000;

describe("liveness by a key, contract v1", () => {
  it("keeps a workspace online until exactly the expiry of its key", async () => {
    const clock = fakeClock();
    const emulator = await start({ contract: "v1", clock });
    await join(emulator);
    clock.advance(TTL_V1);
    expect(await statusOf(emulator)).toBe("online");
    clock.advance(1);
    expect(await statusOf(emulator)).toBe("offline");
  });

  it("keeps it online as long as heartbeats arrive in time", async () => {
    const clock = fakeClock();
    const { emulator, token } = await joined({ contract: "v1", clock });
    for (let heartbeats = 0; heartbeats < 5; heartbeats++) {
      clock.advance(TTL_V1);
      await heartbeat(emulator, token);
    }
    expect(await statusOf(emulator)).toBe("online");
    expect(emulator.workspaces()).toMatchObject([{ heartbeats: 5, lastHeartbeatAt: clock.now() }]);
  });

  it("incident 17: stays offline after a longer outage, regardless of heartbeats, until it registers", async () => {
    const clock = fakeClock();
    const { emulator, token } = await joined({ contract: "v1", clock });
    clock.advance(TTL_V1 + 1);
    for (let heartbeats = 0; heartbeats < 3; heartbeats++) {
      expect((await heartbeat(emulator, token)).status).toBe(200);
      clock.advance(1_000);
      expect(await statusOf(emulator)).toBe("offline");
    }
    await ask(emulator, "/registry/register", { body: registration(AGENT), headers: bearer(token) });
    expect(await statusOf(emulator)).toBe("online");
    clock.advance(TTL_V1);
    expect(await statusOf(emulator)).toBe("online");
  });

  it("detects a change of status on a read, and emits it once", async () => {
    const clock = fakeClock();
    const emulator = await start({ contract: "v1", clock });
    const seen: unknown[] = [];
    const stop = emulator.subscribe(({ type }) => seen.push(type));
    const token = await join(emulator);
    clock.advance(TTL_V1 + 1);
    await statusOf(emulator);
    await statusOf(emulator);
    await heartbeat(emulator, token);
    stop();
    await heartbeat(emulator, token);
    expect(seen).toEqual(["online", "registered", "offline", "heartbeat"]);
  });
});

describe.each(["v1", "v2"] as const)("status, contract %s", (contract) => {
  it("degrades at an error rate of 0.5 and recovers only below 0.1", async () => {
    const { emulator, token } = await joined({ contract });
    const seen = [];
    for (const error_rate of [0.49, 0.5, 0.1, 0.09, 0.9]) {
      await heartbeat(emulator, token, { error_rate });
      seen.push(await statusOf(emulator));
    }
    expect(seen).toEqual(["online", "degraded", "degraded", "online", "degraded"]);
  });

  it("brings a provisioned workspace online with its first heartbeat", async () => {
    const emulator = await start({ contract });
    const token = emulator.issue(AGENT);
    expect(await statusOf(emulator)).toBe("provisioning");
    await heartbeat(emulator, token);
    expect(await statusOf(emulator)).toBe("online");
  });

  it("never brings a removed workspace back", async () => {
    const emulator = await start({ contract });
    const old = await join(emulator);
    emulator.remove(AGENT);
    expect(field((await heartbeat(emulator, old)).json, "status")).toBe("ok");
    const again = await ask(emulator, "/registry/register", {
      body: registration(AGENT),
      headers: bearer(old),
    });
    expect(again.status).toBe(200);
    const token = String(field(again.json, "auth_token"));
    const [afterHeartbeat, registered, card] = [
      await heartbeat(emulator, token),
      await ask(emulator, "/registry/register", { body: registration(AGENT), headers: bearer(token) }),
      await ask(emulator, `/workspaces/${AGENT}/tokens`, { headers: bearer(token) }),
    ];
    expect([afterHeartbeat.status, registered.status, card.status]).toEqual([401, 401, 401]);
    expect(emulator.workspaces()).toMatchObject([{ status: "removed", heartbeats: 0, registers: 1 }]);
  });

  it("incident 1: forgets all workspaces after a database reset, and issues new tokens", async () => {
    const emulator = await start({ contract });
    const old = await join(emulator);
    emulator.reset();
    expect((await ask(emulator, `/workspaces/${AGENT}`)).status).toBe(404);
    expect((await heartbeat(emulator, old)).status).toBe(200);
    const again = await ask(emulator, "/registry/register", {
      body: registration(AGENT),
      headers: bearer(old),
    });
    expect(field(again.json, "auth_token")).not.toBe(old);
    expect((await heartbeat(emulator, old)).status).toBe(401);
  });
});

describe("liveness of the current platform", () => {
  it("an external workspace that is silent for 180 s awaits its agent, and one heartbeat brings it back", async () => {
    const clock = fakeClock();
    const emulator = await start({ clock });
    const token = emulator.create(AGENT);
    expect(await statusOf(emulator)).toBe("awaiting_agent");
    await heartbeat(emulator, token);
    clock.advance(180_000);
    expect(await statusOf(emulator)).toBe("online");
    clock.advance(1);
    expect(await statusOf(emulator)).toBe("awaiting_agent");
    await heartbeat(emulator, token, { error_rate: 0.9 });
    expect(await statusOf(emulator)).toBe("online");
  });

  it("a workspace that registered itself stays online, because there are no containers to check", async () => {
    const emulator = await start();
    await join(emulator);
    emulator.advance(3_600_000);
    expect(await statusOf(emulator)).toBe("online");
  });

  it("the controls advance the time, too", async () => {
    const emulator = await start({ clock: fakeClock() });
    emulator.create(AGENT);
    await heartbeat(emulator);
    const { json } = await ask(emulator, "/emulator/time", { body: { advance_seconds: 600 } });
    expect(json).toEqual({ status: "advanced", now: "2026-01-01T00:10:00.000Z" });
    const odd = await ask(emulator, "/emulator/time", { body: { advance_seconds: -1 } });
    expect([odd.status, field(odd.json, "error")]).toEqual([400, "advance_seconds: must be >= 0"]);
  });

  it("a registration wakes a paused workspace, a heartbeat does not", async () => {
    const emulator = await start();
    const token = emulator.create(AGENT);
    const admin = { method: "POST", headers: bearer("local-admin") };
    await ask(emulator, `/workspaces/${AGENT}/pause`, admin);
    await heartbeat(emulator, token);
    expect(await statusOf(emulator)).toBe("paused");
    const body = { id: AGENT, url: "", agent_card: {} };
    await ask(emulator, "/registry/register", { body, headers: bearer(token) });
    expect(await statusOf(emulator)).toBe("online");
  });
});
