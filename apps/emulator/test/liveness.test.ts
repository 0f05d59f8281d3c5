import { describe, expect, it } from "vitest";
import { ask, bearer, fakeClock, field, heartbeat, join, registration, start, statusOf } from "./support.ts";

const TTL = { v1: 60_000, v2: 180_000 } as const;

describe.each(["v1", "v2"] as const)("liveness, contract %s", (contract) => {
  const ttl = TTL[contract];

  it("keeps a workspace online for exactly as long as its key lives", async () => {
    const clock = fakeClock();
    const emulator = await start({ contract, clock });
    await join(emulator);
    clock.advance(ttl);
    expect(await statusOf(emulator)).toBe("online");
    clock.advance(1);
    expect(await statusOf(emulator)).toBe("offline");
  });

  it("keeps it online as long as heartbeats come in time", async () => {
    const clock = fakeClock();
    const emulator = await start({ contract, clock });
    const token = await join(emulator);
    for (let heartbeats = 0; heartbeats < 5; heartbeats++) {
      clock.advance(ttl);
      await heartbeat(emulator, token);
    }
    expect(await statusOf(emulator)).toBe("online");
    expect(emulator.workspaces()).toMatchObject([{ heartbeats: 5, lastHeartbeatAt: clock.now() }]);
  });

  it("incident 17: stays offline after a longer outage however often it heartbeats, until it registers", async () => {
    const clock = fakeClock();
    const emulator = await start({ contract, clock });
    const token = await join(emulator);
    clock.advance(ttl + 1);
    for (let heartbeats = 0; heartbeats < 3; heartbeats++) {
      expect((await heartbeat(emulator, token)).status).toBe(200);
      clock.advance(1_000);
      expect(await statusOf(emulator)).toBe("offline");
    }
    await ask(emulator, "/registry/register", { body: registration("agent"), headers: bearer(token) });
    expect(await statusOf(emulator)).toBe("online");
    clock.advance(ttl);
    expect(await statusOf(emulator)).toBe("online");
  });

  it("degrades at an error rate of 0.5 and recovers only below 0.1", async () => {
    const emulator = await start({ contract });
    const token = await join(emulator);
    const seen = [];
    for (const error_rate of [0.49, 0.5, 0.1, 0.09, 0.9]) {
      await heartbeat(emulator, token, { error_rate });
      seen.push(await statusOf(emulator));
    }
    expect(seen).toEqual(["online", "degraded", "degraded", "online", "degraded"]);
  });

  it("degrades a workspace whose runtime is wedged, until it no longer is", async () => {
    const emulator = await start({ contract });
    const token = await join(emulator);
    await heartbeat(emulator, token, { runtime_state: "wedged" });
    expect(await statusOf(emulator)).toBe("degraded");
    await heartbeat(emulator, token, { runtime_state: "wedged", error_rate: 0 });
    expect(await statusOf(emulator)).toBe("degraded");
    await heartbeat(emulator, token);
    expect(await statusOf(emulator)).toBe("online");
  });

  it("brings a provisioned workspace online with its first heartbeat", async () => {
    const emulator = await start({ contract });
    const token = emulator.issue("agent");
    expect(await statusOf(emulator)).toBe("provisioning");
    await heartbeat(emulator, token, { error_rate: 0.9 });
    expect(await statusOf(emulator)).toBe("online");
  });

  it("finds a change of status when it is read, and emits it once", async () => {
    const clock = fakeClock();
    const emulator = await start({ contract, clock });
    const seen: unknown[] = [];
    const stop = emulator.subscribe(({ type }) => seen.push(type));
    const token = await join(emulator);
    clock.advance(ttl + 1);
    await statusOf(emulator);
    await statusOf(emulator);
    await heartbeat(emulator, token);
    stop();
    await heartbeat(emulator, token);
    expect(seen).toEqual(["online", "registered", "offline", "heartbeat"]);
  });

  it("never brings a removed workspace back", async () => {
    const emulator = await start({ contract });
    const old = await join(emulator);
    emulator.remove("agent");
    expect((await heartbeat(emulator, old)).json).toEqual({ status: "ok" });
    const again = await ask(emulator, "/registry/register", {
      body: registration("agent"),
      headers: bearer(old),
    });
    expect(again.status).toBe(200);
    const token = String(field(again.json, "auth_token"));
    const [afterHeartbeat, registered, card] = [
      await heartbeat(emulator, token),
      await ask(emulator, "/registry/register", { body: registration("agent"), headers: bearer(token) }),
      await ask(emulator, "/workspaces/agent/tokens", { headers: bearer(token) }),
    ];
    expect([afterHeartbeat.status, registered.status, card.status]).toEqual([401, 401, 401]);
    expect(emulator.workspaces()).toMatchObject([{ status: "removed", heartbeats: 0, registers: 1 }]);
  });

  it("incident 1: has forgotten everyone after its database was reset, and issues tokens anew", async () => {
    const emulator = await start({ contract });
    const old = await join(emulator);
    emulator.reset();
    expect((await ask(emulator, "/workspaces/agent")).status).toBe(404);
    expect((await heartbeat(emulator, old)).status).toBe(200);
    const again = await ask(emulator, "/registry/register", {
      body: registration("agent"),
      headers: bearer(old),
    });
    expect(field(again.json, "auth_token")).not.toBe(old);
    expect((await heartbeat(emulator, old)).status).toBe(401);
  });
});

describe("workspaces that poll (v2)", () => {
  const poll = { url: "", delivery_mode: "poll" };

  it("are offline after 90 s of silence, and come back with a heartbeat", async () => {
    const clock = fakeClock();
    const emulator = await start({ clock });
    const token = await join(emulator, "agent", poll);
    clock.advance(90_000);
    expect(await statusOf(emulator)).toBe("online");
    clock.advance(1);
    expect(await statusOf(emulator)).toBe("offline");
    await heartbeat(emulator, token);
    expect(await statusOf(emulator)).toBe("online");
  });

  it("need a register once their key is gone too", async () => {
    const clock = fakeClock();
    const emulator = await start({ clock });
    const token = await join(emulator, "agent", poll);
    clock.advance(180_001);
    await heartbeat(emulator, token);
    expect(await statusOf(emulator)).toBe("offline");
    await ask(emulator, "/registry/register", { body: registration("agent"), headers: bearer(token) });
    expect(await statusOf(emulator)).toBe("online");
  });
});
