import { expect, it, vi } from "vitest";
import { health, machinesScene, metric } from "./machines-scene.ts";
import { execute, testServer } from "./postgres.ts";

vi.setConfig({ testTimeout: 120_000 });
const server = testServer();
const soon = { timeout: 30_000, interval: 100 };

it("three runners share the workspaces; one is killed, one is stopped, and none goes offline", async () => {
  const scene = await machinesScene({ url: server.url, workspaces: 40 });
  await scene.init();
  const [one, two, three] = ["one", "two", "three"].map((name) => scene.start(name));
  if (one === undefined || two === undefined || three === undefined) throw new Error("three runners");
  await expect.poll(() => scene.online(), soon).toBe(40);
  await expect
    .poll(async () => (await Promise.all([one, two, three].map(scene.shards))).sort(), soon)
    .toEqual([85, 85, 86]);
  expect(await metric(one, "heartbeat_store_up")).toBe("1");

  one.child.kill("SIGKILL");
  await expect
    .poll(async () => (await Promise.all([two, three].map(scene.shards))).sort(), soon)
    .toEqual([128, 128]);
  expect(scene.online()).toBe(40);
  const alive = async () => {
    const counts = await Promise.all(
      [two, three].map((each) => metric(each, 'heartbeat_workspaces{state="alive"')),
    );
    return counts.reduce((sum, count) => sum + Number(count), 0);
  };
  await expect.poll(alive, { ...soon, timeout: 60_000 }).toBe(40);

  const before = scene.registrations();
  two.child.kill("SIGTERM");
  expect(await two.ended).toBe(0);
  await expect.poll(() => scene.shards(three), soon).toBe(256);
  await expect.poll(() => metric(three, 'heartbeat_workspaces{state="alive"'), soon).toBe("40");
  expect(scene.registrations()).toBe(before);
  expect(scene.online()).toBe(40);
  expect(scene.unauthorized()).toBe(0);
  const tokens = await execute(
    server.url,
    `select count(*)::int from "${scene.fleet}".token where kind = 'auth' and sealed is not null`,
  );
  expect(tokens).toEqual([{ count: 40 }]);
  expect(three.output()).toMatch(/"runner":"[\w-]{12}"/);
});

it("a runner that starts while the store is down waits for it, and is unhealthy meanwhile", async () => {
  const scene = await machinesScene({ url: server.url, workspaces: 3 });
  await scene.init();
  await server.postgres.kill();
  const runner = scene.start("one");
  await runner.printed(/"STORE_UNREACHABLE"/);
  expect(await health(runner)).toBe(503);
  expect(scene.emulator.requests).toHaveLength(0);
  await server.postgres.restart();
  await expect.poll(() => scene.online(), soon).toBe(3);
  expect(await health(runner)).toBe(200);
});

it("it exits with 2 before the first request for a store that is not set up, and for a wrong key", async () => {
  const scene = await machinesScene({ url: server.url, workspaces: 1 });
  const early = scene.start("one");
  expect(await early.ended).toBe(2);
  expect(early.output()).toMatch(/heartbeat store init/);
  await scene.init();
  const { writeFile } = await import("node:fs/promises");
  await writeFile(scene.keyFile, `${"A".repeat(43)}\n`);
  const wrong = scene.start("two");
  expect(await wrong.ended).toBe(2);
  expect(wrong.output()).toMatch(/key/);
  expect(scene.emulator.requests).toHaveLength(0);
});
