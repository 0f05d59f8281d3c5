import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { directoryOf } from "./fleet-scene.ts";
import { ATLAS, BIRCH, COMET } from "./ids.ts";
import { control, heartbeat, listedFleet, outcomeOf, rotate } from "./processes.ts";
import { listen } from "./support/servers.ts";

describe("heartbeat run --status-port", () => {
  it("shows the fleet's health over HTTP, through an outage and a rotation", async () => {
    const { url, dir, args, env } = await listedFleet([ATLAS, BIRCH, COMET]);
    const runner = heartbeat([...args, "--status-port", "0"], env);
    const [, status] = await runner.printed(/status at (http:\/\/127\.0\.0\.1:\d+)\/health/);
    const metrics = async () => await (await fetch(`${status}/metrics`)).text();
    const asLong = { timeout: 15_000 };

    await expect.poll(metrics, asLong).toContain('heartbeat_workspaces{state="alive"} 3');
    const health = await fetch(`${status}/health`);
    expect(health.status).toBe(200);
    expect(await health.json()).toMatchObject({ status: "ok", workspaces: { total: 3, alive: 3 } });
    expect(await metrics()).toContain('heartbeat_registrations_total{outcome="accepted"} 3');
    expect(await metrics()).toMatch(/heartbeat_scheduling_lag_seconds_bucket\{le="1"\} [1-9]/);

    const file = join(directoryOf(dir, url, ATLAS), ".auth_token");
    await rotate(url, ATLAS, file);
    await expect.poll(metrics, asLong).toContain("heartbeat_token_recoveries_total 1");

    await control(url, "outage", { kind: "status", status: 503 });
    await expect.poll(metrics, asLong).toMatch(/heartbeat_heartbeats_total\{outcome="unavailable"\} [1-9]/);
    await expect.poll(metrics, asLong).toMatch(/heartbeat_workspaces\{state="recovering"\} [1-3]/);
    expect((await fetch(`${status}/live`)).status).toBe(200);

    expect(await runner.stop()).toBe(0);
    await expect(fetch(`${status}/live`)).rejects.toThrow();
  });

  it("exits with 2 for a port that is taken, before sending anything", async () => {
    const { url, args, env } = await listedFleet([ATLAS, BIRCH, COMET]);
    const port = await listen(createServer());
    const { code, output } = await outcomeOf([...args, "--status-port", String(port)], env);
    expect(code).toBe(2);
    expect(output).toContain(`port ${port} on 127.0.0.1 is taken; give another with --status-port`);
    const recorded: unknown = await (await fetch(`${url}/emulator/requests`)).json();
    expect(recorded).toMatchObject({ requests: [] });
  });
});
