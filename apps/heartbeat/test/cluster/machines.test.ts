import { chown, readdir, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it, vi } from "vitest";
import { outcome, outcomeOf } from "../processes.ts";
import { health, machinesScene, metric } from "./machines-scene.ts";
import { everyRow, execute, testServer } from "./postgres.ts";

vi.setConfig({ testTimeout: 120_000 });
const server = testServer();
const stored = (fleet: string) =>
  `select count(*)::int from "${fleet}".token where kind = 'auth' and sealed is not null`;
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
  // Until then, a token that was issued a moment ago may only be on the disk of the machine that dies.
  await expect.poll(() => execute(server.url, stored(scene.fleet)), soon).toEqual([{ count: 40 }]);

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
  expect(await two.stop()).toBe(0);
  await expect.poll(() => scene.shards(three), soon).toBe(256);
  await expect.poll(() => metric(three, 'heartbeat_workspaces{state="alive"'), soon).toBe("40");
  expect(scene.registrations()).toBe(before);
  expect(scene.online()).toBe(40);
  expect(scene.unauthorized()).toBe(0);
  const tokens = await execute(server.url, stored(scene.fleet));
  expect(tokens).toEqual([{ count: 40 }]);
  const issued = await scene.tokens();
  expect(new Set(issued).size).toBe(40);
  const dump = await everyRow(server.url, scene.fleet);
  for (const id of scene.ids) expect(dump).toContain(id);
  for (const token of issued.map(String))
    for (const encoding of ["utf8", "hex", "base64"] as const)
      expect(dump).not.toContain(Buffer.from(token).toString(encoding).slice(0, 24));
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
  await writeFile(scene.keyFile, `${"A".repeat(43)}\n`);
  const wrong = scene.start("two");
  expect(await wrong.ended).toBe(2);
  expect(wrong.output()).toMatch(/key/);
  expect(scene.emulator.requests).toHaveLength(0);
});

it("a server with fsync off, and one in recovery, end it with 2 before the first request", async () => {
  const scene = await machinesScene({ url: server.url, workspaces: 1 });
  await scene.init();
  const rejected = async (message: RegExp) => {
    const runner = scene.start("one");
    expect([await runner.ended, runner.output()]).toEqual([2, expect.stringMatching(message)]);
  };
  const restarted = async () => {
    await server.postgres.restart();
    await expect.poll(() => execute(server.url, "select 1").catch(() => null), soon).not.toBeNull();
  };
  await execute(server.url, "alter system set fsync = off");
  await restarted();
  await rejected(/fsync=off, and may lose .*set fsync = on/);
  await execute(server.url, "alter system reset fsync");
  const [row] = await execute(server.url, "show data_directory");
  const standby = join(String(Object(row).data_directory), "standby.signal");
  await writeFile(standby, "");
  if (process.getuid?.() === 0) await chown(standby, 65_534, 65_534);
  await restarted();
  await rejected(/in recovery \(a standby\).*connect to the primary/);
  await rm(standby);
  await restarted();
  expect(scene.emulator.requests).toHaveLength(0);
  scene.start("one");
  await expect.poll(() => scene.online(), soon).toBe(1);
});

it("a token that is issued while the store is away waits on the machine's disk, and is stored when it is back", async () => {
  const scene = await machinesScene({ url: server.url, workspaces: 3 });
  await scene.init();
  scene.emulator.latency(2_000);
  const runner = scene.start("one");
  await expect.poll(() => scene.registrations(), soon).toBe(3);
  await server.postgres.kill();
  scene.emulator.latency(0);
  const spilled = async () => {
    const unsaved = join(scene.directory, "one", "unsaved");
    const entries = await readdir(unsaved, { recursive: true, withFileTypes: true });
    return entries
      .filter(({ name }) => name === ".auth_token")
      .map(({ parentPath, name }) => join(parentPath, name));
  };
  await expect.poll(async () => (await spilled().catch(() => [])).length, soon).toBe(3);
  await expect.poll(() => runner.output(), soon).toMatch(/"TOKEN_UNSAVED/);
  const files = await spilled();
  for (const file of files) expect((await stat(file)).mode & 0o777).toBe(0o600);
  const heartbeats = () =>
    scene.emulator.requests.filter(({ path, status }) => path === "/registry/heartbeat" && status === 200);
  const before = heartbeats().length;
  await expect.poll(() => heartbeats().length, soon).toBeGreaterThanOrEqual(before + 6);
  await server.postgres.restart();
  await expect
    .poll(async () => execute(server.url, stored(scene.fleet)).catch(() => null), soon)
    .toEqual([{ count: 3 }]);
  await expect.poll(spilled, soon).toEqual([]);
  expect(scene.registrations()).toBe(3);
  expect(scene.unauthorized()).toBe(0);
});

it("status says which store and key a runner has, who has which workspace, and whether the lists are the same", async () => {
  const scene = await machinesScene({ url: server.url, workspaces: 12 });
  await scene.init();
  const runners = ["one", "two"].map((name) => scene.start(name));
  const [one] = runners;
  if (one === undefined) throw new Error("two runners");
  await expect.poll(async () => Promise.all(runners.map(scene.shards)), soon).toEqual([128, 128]);
  await expect.poll(() => scene.online(), soon).toBe(12);
  const [, port = ""] = await one.printed(/status at http:\S+:(\d+)\/health/);
  const asked = (...args: readonly string[]) => outcomeOf(["status", "--status-port", port, ...args], {});
  // What was handed over a moment ago was last asked for before that.
  await expect.poll(async () => (await asked()).output, soon).toContain("0 without an owner");
  const { code, output } = await asked();
  expect(output).toMatch(
    new RegExp(`^runner one \\(\\S+\\) of the fleet ${scene.fleet}: its lease .*; runners: one, two$`, "m"),
  );
  expect(output).toMatch(
    new RegExp(`^store PostgreSQL at .*, schema ${scene.fleet}: reachable; key ${scene.keyFile}$`, "m"),
  );
  expect(output).toMatch(/^shards of 256: 128 held, 0 unsure, 0 draining; 0 without an owner$/m);
  expect(code, output).toBe(0);
  const { cluster, workspaces } = JSON.parse((await asked("--json")).output);
  expect(cluster).toMatchObject({ name: "one", membership: "member", store_up: true, list_mismatch: false });
  const elsewhere: { id: string; owner: string }[] = cluster.elsewhere;
  expect([...workspaces, ...elsewhere].map(({ id }) => id).sort()).toEqual([...scene.ids].sort());
  for (const { id, owner } of elsewhere)
    expect([owner, output]).toEqual(["two", expect.stringContaining(`${id}  two`)]);
  const [other] = elsewhere;
  expect(await asked("--workspace", other?.id ?? "")).toEqual(
    outcome(1, "the runner two owns it: ask there"),
  );
});
