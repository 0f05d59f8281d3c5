import { closeSync, constants, openSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { storedToken } from "./fleet-scene.ts";
import { A, B, C } from "./ids.ts";
import { HEARTBEAT, heartbeat, startProgram } from "./processes.ts";
import { hangAt, succeeds } from "./storage/disks.ts";
import { temporaryDirectory } from "./support/directory.ts";
import { carries, startPlatform } from "./support/platform.ts";

const { O_NONBLOCK, O_WRONLY } = constants;
const HANGING_FILES = new URL("./support/hanging-files.mjs", import.meta.url).href;

type Stage = Awaited<ReturnType<typeof start>>;

/** A runner with a list of workspaces and an agent card in files. */
async function start(ids: readonly string[], env: Record<string, string> = {}) {
  const emulator = await startPlatform();
  const dir = temporaryDirectory();
  const [list, card] = [join(dir, "workspaces.json"), join(dir, "card.json")];
  await writeFile(list, JSON.stringify(ids.map((id) => ({ id }))));
  await writeFile(card, '{"name":"One"}');
  const args = ["run", "--interval", "5", "--workspaces-file", list, "--agent-card", card];
  const runner = heartbeat(args, { PLATFORM_URL: emulator.url, CONFIGS_DIR: dir, ...env });
  await expect
    .poll(() => emulator.workspaces().filter(({ heartbeats }) => heartbeats > 0).length)
    .toBe(ids.length);
  return { dir, emulator, list, card, runner };
}

/** Sorted by id, because the order of registration does not matter. */
const idsOf = ({ emulator }: Stage) =>
  emulator
    .workspaces()
    .map(({ id }) => id)
    .sort();

describe("a running fleet", () => {
  it("applies its list when the file changes, and registers the new workspaces", async () => {
    const stage = await start([A, B]);
    await writeFile(stage.list, `[{"id":"${A}"},{"id":"${C}"}]`);
    await stage.runner.printed(new RegExp(`reloaded the configuration: added ${C}; removed ${B}`));
    await expect.poll(() => idsOf(stage)).toEqual([A, B, C].sort());
  });

  it("applies its list on SIGHUP without exiting", async () => {
    const stage = await start([A]);
    stage.runner.child.kill("SIGHUP");
    await stage.runner.printed(/reloaded the configuration: no workspace changed/);
    await writeFile(stage.list, `[{"id":"${A}"},{"id":"${B}"}]`);
    await stage.runner.printed(new RegExp(`reloaded the configuration: added ${B}`));
    await expect.poll(() => idsOf(stage)).toEqual([A, B].sort());
  });

  it("keeps the old list when the new one is invalid, and reports all its problems", async () => {
    const stage = await start([A]);
    await writeFile(stage.list, `[{"id":"A"},{"id":"${B}","token":"a\\nb"}]`);
    await stage.runner.printed(/is invalid; the previous one stays in effect[\s\S]*entry 1[\s\S]*entry 2/);
    const heartbeats = stage.emulator.workspaces()[0]?.heartbeats ?? 0;
    await expect.poll(() => stage.emulator.workspaces()[0]?.heartbeats).toBeGreaterThan(heartbeats);
    expect(idsOf(stage)).toEqual([A]);
  });

  it("keeps the old list when the new one is empty, and does not start with an empty one", async () => {
    const stage = await start([A]);
    await writeFile(stage.list, "[]");
    await stage.runner.printed(/the previous one stays in effect[\s\S]*the list is empty/);
    expect(idsOf(stage)).toEqual([A]);
    stage.runner.child.kill("SIGTERM");
    expect(await stage.runner.ended).toBe(0);
  });

  it("moves a workspace to another platform without its token, and back to its token there", async () => {
    const stage = await start([A]);
    const other = await startPlatform();
    const token = await storedToken(stage.dir, stage.emulator.url, A);
    await writeFile(stage.list, JSON.stringify([{ id: A, platform_url: other.url }]));
    await stage.runner.printed(new RegExp(`reloaded the configuration: moved ${A}`));
    await expect.poll(() => other.workspaces()[0]?.heartbeats).toBeGreaterThan(0);
    expect(other.requests.some((request) => carries(request, token ?? ""))).toBe(false);
    const before = stage.emulator.requests.length;
    await writeFile(stage.list, `[{"id":"${A}"}]`);
    await expect.poll(() => stage.emulator.requests.length).toBeGreaterThan(before + 2);
    const since = stage.emulator.requests.slice(before);
    expect(since.every((request) => carries(request, token ?? "") && request.status === 200)).toBe(true);
  });

  it("sends the agent card when it changes", async () => {
    const stage = await start([A]);
    await writeFile(stage.card, '{"name":"Two"}');
    await stage.runner.printed(/the agent card is updated/);
    expect(stage.emulator.workspaces()).toMatchObject([{ agentCard: { name: "Two" } }]);
  });

  it("continues while the disk of its list hangs, reports that, and still ends", async () => {
    const stage = await start([A], { NODE_OPTIONS: `--import ${HANGING_FILES}` });
    const heartbeats = () => stage.emulator.workspaces()[0]?.heartbeats ?? 0;
    const hang = hangAt(`${stage.list}.hangs`);
    stage.runner.child.kill("SIGHUP");
    const before = heartbeats();
    await expect.poll(heartbeats, { timeout: 20_000 }).toBeGreaterThan(before + 1);
    await stage.runner.printed(/CONFIG_REJECTED.*no answer within 5 s/);
    expect(await stage.runner.stop()).toBe("SIGKILL");
    await stage.runner.printed(/"level":"error".*"code":"DISK_HANGS"/);
    hang.end();
  });
});

it("does not start while the disk of its list hangs, names the list, and ends", async () => {
  const list = join(temporaryDirectory(), "workspaces.json");
  await writeFile(list, JSON.stringify([{ id: A }]));
  const hang = hangAt(`${list}.hangs`);
  const env = { PLATFORM_URL: "http://127.0.0.1:9", NODE_OPTIONS: `--import ${HANGING_FILES}` };
  const runner = heartbeat(["run", "--workspaces-file", list], env);
  expect(await runner.ended).toBe("SIGKILL");
  expect(runner.output()).toContain(`${list}: it cannot be read (no answer within 5 s).`);
  hang.end();
});

it("ends as process 1 of a container, too, while a disk hangs", async () => {
  const list = join(temporaryDirectory(), "workspaces.json");
  await writeFile(list, JSON.stringify([{ id: A }]));
  const hang = hangAt(`${list}.hangs`);
  const container = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"];
  const env = { PLATFORM_URL: "http://127.0.0.1:9", NODE_OPTIONS: `--import ${HANGING_FILES}` };
  const runner = startProgram([...container, process.execPath, HEARTBEAT, "run", "--workspaces-file", list], {
    env,
  });
  // The signal depends on the processor.
  expect(["SIGSEGV", "SIGTRAP"]).toContain(await runner.ended);
  expect(runner.output()).toContain(`${list}: it cannot be read (no answer within 5 s).`);
  hang.end();
});

it("starts although SIGHUP arrives while it reads its list", async () => {
  const emulator = await startPlatform();
  const list = join(temporaryDirectory(), "workspaces.json");
  await writeFile(list, JSON.stringify([{ id: A }]));
  const hang = hangAt(`${list}.hangs`);
  const env = {
    PLATFORM_URL: emulator.url,
    CONFIGS_DIR: dirname(list),
    NODE_OPTIONS: `--import ${HANGING_FILES}`,
  };
  const { child } = heartbeat(["run", "--workspaces-file", list], env);
  // Opens once there is a reader.
  await expect
    .poll(() => succeeds(() => closeSync(openSync(hang.pipe, O_WRONLY | O_NONBLOCK))), { timeout: 20_000 })
    .toBe(true);
  hang.end();
  child.kill("SIGHUP");
  await expect.poll(() => emulator.workspaces()[0]?.heartbeats, { timeout: 20_000 }).toBeGreaterThan(0);
});
