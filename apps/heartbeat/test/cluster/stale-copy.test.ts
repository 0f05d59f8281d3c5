import { execFile } from "node:child_process";
import { rm } from "node:fs/promises";
import { promisify } from "node:util";
import { expect, it, vi } from "vitest";
import { machinesScene } from "./machines-scene.ts";
import { execute, testServer } from "./postgres.ts";

vi.setConfig({ testTimeout: 120_000 });
const server = testServer();
const soon = { timeout: 30_000, interval: 100 };
const run = promisify(execFile);

/** A copy of the server's data, which a failover to a standby that lags brings back. */
async function copyOfData() {
  const [row] = await execute(server.url, "show data_directory");
  const data = String(Object(row).data_directory);
  const copied = async (from: string, to: string) => {
    await server.postgres.kill();
    await rm(to, { recursive: true, force: true });
    await run("cp", ["-a", from, to]);
    await server.postgres.restart();
  };
  await copied(data, `${data}-copy`);
  return { failOver: () => copied(`${data}-copy`, data) };
}

it("a failover to a database without the last tokens loses none of them, in any runner, twice", async () => {
  const scene = await machinesScene({ url: server.url, workspaces: 6 });
  await scene.init();
  const runners = ["one", "two"].map((name) => scene.start(name));
  await expect
    .poll(async () => (await Promise.all(runners.map(scene.shards))).sort(), soon)
    .toEqual([128, 128]);
  await expect.poll(() => scene.online(), soon).toBe(6);
  await expect.poll(async () => (await scene.tokens()).every((token) => token !== null), soon).toBe(true);
  const copy = await copyOfData();
  const tokens = async () => scene.tokens().catch(() => []);
  await expect.poll(tokens, soon).toHaveLength(6);
  const pushed = scene.ids.map((id) => scene.emulator.pushToken(id));
  await expect.poll(tokens, soon).toEqual(pushed);
  for (const _ of [1, 2]) {
    await copy.failOver();
    await expect.poll(tokens, soon).toEqual(pushed);
    expect(scene.unauthorized()).toBe(0);
  }
  // And so do what they have, although they have met older ones.
  const next = scene.ids.map((id) => scene.emulator.pushToken(id));
  await expect.poll(tokens, soon).toEqual(next);
  await copy.failOver();
  await expect.poll(tokens, soon).toEqual(next);
  for (const runner of runners) expect(runner.output()).toContain('"CLUSTER_TOKENS_RESTORED"');
  expect(scene.unauthorized()).toBe(0);
  expect(scene.online()).toBe(6);
});

it("a runner that is stopped before it has noticed such a failover stores its tokens first", async () => {
  const scene = await machinesScene({ url: server.url, workspaces: 2 });
  await scene.init();
  const runner = scene.start("one");
  await runner.printed(/"REGISTERED"[\s\S]*"REGISTERED"/);
  const tokens = await scene.tokens();
  await execute(
    server.url,
    `delete from "${scene.fleet}".token where kind = 'auth'`,
    "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and datname = 'postgres'",
  );
  expect(await runner.stop()).toBe(0);
  expect(tokens).not.toContain(null);
  expect(await scene.tokens()).toEqual(tokens);
});
