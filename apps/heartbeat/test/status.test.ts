import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { directoryOf } from "./fleet-scene.ts";
import { ATLAS, BIRCH, COMET } from "./ids.ts";
import { control, emulator, heartbeat, rotate } from "./processes.ts";

async function setUp() {
  const dir = await mkdtemp(join(tmpdir(), "heartbeat-"));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  const file = join(dir, "workspaces.json");
  await writeFile(file, `[{"id":"${ATLAS}"},{"id":"${BIRCH}"},{"id":"${COMET}"}]`);
  const [url] = await emulator().printed(/http:\/\/127\.0\.0\.1:\d+/);
  const args = ["run", "--interval", "5", "--workspaces-file", file];
  return { url, dir, args, env: { PLATFORM_URL: url, CONFIGS_DIR: dir } };
}

async function takenPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

describe("heartbeat run --status-port", () => {
  it("shows the fleet's health over HTTP, through an outage and a rotation", async () => {
    const { url, dir, args, env } = await setUp();
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

    runner.child.kill("SIGTERM");
    expect(await runner.ended).toBe(0);
    await expect(fetch(`${status}/live`)).rejects.toThrow();
  }, 60_000);

  it("exits with 2 for a port that is taken, before sending anything", async () => {
    const { url, args, env } = await setUp();
    const port = await takenPort();
    const runner = heartbeat([...args, "--status-port", String(port)], env);
    expect(await runner.ended).toBe(2);
    expect(runner.output()).toContain(`port ${port} on 127.0.0.1 is taken; give another with --status-port`);
    const recorded: unknown = await (await fetch(`${url}/emulator/requests`)).json();
    expect(recorded).toMatchObject({ requests: [] });
  });

  it("reports all problems of its flags at once, and exits with 2", async () => {
    const flags = ["--status-port", "65536", "--status-host", "here", "--quiet", "--log-level", "info"];
    const runner = heartbeat(["run", ...flags], {});
    expect(await runner.ended).toBe(2);
    expect(runner.output()).toMatch(
      /PLATFORM_URL[\s\S]*WORKSPACE_ID[\s\S]*--status-port[\s\S]*--status-host[\s\S]*--quiet/,
    );
  });
});
