import { mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { createScene, ID, type Scene, sceneAfter } from "./scene.ts";
import { carries } from "./support/platform.ts";

/** No user, not even root, can write a file at a directory's path. */
const block = async ({ file }: Scene) => {
  await rm(file, { force: true });
  await mkdir(file);
};
const unblock = ({ file }: Scene) => rm(file, { recursive: true });
/** Nor can a directory be created at a file's path. */
const blockSpill = ({ configsDir }: Scene) => writeFile(join(configsDir, "unsaved"), "");
const unsaved = ({ events }: Scene) => events.filter(({ type }) => type === "token-unsaved");

describe("a storage that cannot take a token", () => {
  it("stops a workspace without a token from registering, is reported with its fix, and is used once it works", async () => {
    const scene = await createScene();
    await block(scene);
    const runner = await scene.start();
    await runner.step(3);
    expect(scene.requests()).toEqual([]);
    expect(scene.codes()).toContain("REGISTER_FAILED:STORAGE_WRITE_FAILED");
    expect(scene.log()).toMatch(new RegExp(`error register failed: .*${scene.file}`));
    expect(runner.agent.status()).toMatchObject({ unsaved: false, failure: expect.any(String) });
    await unblock(scene);
    await runner.step(2);
    expect(scene.statuses()).toEqual([200, 200]);
    expect(carries(scene.requests().at(-1), await readFile(scene.file, "utf8"))).toBe(true);
  });

  it("does not stop a workspace with a token from registering, and causes a warning", async () => {
    const scene = await createScene();
    const token = scene.emulator.issue(ID);
    await block(scene);
    const runner = await scene.start({ MOLECULE_WORKSPACE_TOKEN: token });
    await runner.step(2);
    expect(scene.registrations().some(({ status }) => status === 200)).toBe(true);
    expect(scene.requests().every((request) => carries(request, token))).toBe(true);
    expect(scene.codes()).toContain("STORAGE_NOT_WRITABLE");
  });
});

/** A token that could be stored only next to the runner's state, although its own storage would take it now. */
async function spill() {
  const { scene, runner } = await sceneAfter(2);
  await block(scene);
  const spilled = scene.emulator.pushToken(ID);
  await runner.step();
  await unblock(scene);
  return { scene, spilled };
}

describe("a token that its own storage cannot take", () => {
  it("incident 14: is kept next to the runner's state, 0600, used, and offered to its own storage with each heartbeat", async () => {
    const { scene, runner } = await sceneAfter(2);
    await block(scene);
    const pushed = scene.emulator.pushToken(ID);
    await runner.step(4);
    expect(await readFile(scene.spillFile, "utf8")).toBe(pushed);
    expect((await stat(scene.spillFile)).mode & 0o777).toBe(0o600);
    expect(runner.agent.status().unsaved).toBe(false);
    expect(unsaved(scene).length).toBeGreaterThanOrEqual(3);
    expect(unsaved(scene)[0]).toMatchObject({ spilledTo: scene.spillFile });
    expect(carries(scene.requests().at(-1), pushed)).toBe(true);
    await unblock(scene);
    await runner.step();
    expect(await readFile(scene.file, "utf8")).toBe(pushed);
    expect(scene.events.at(-2)?.type).toBe("token-saved");
    expect(scene.statuses().every((status) => status === 200)).toBe(true);
    await expect(stat(dirname(scene.spillFile))).rejects.toThrow("ENOENT");
  });

  it("is offered to its own storage at the next start, and used from the first request on", async () => {
    const { scene, runner } = await sceneAfter(2);
    await block(scene);
    const pushed = scene.emulator.pushToken(ID);
    await runner.step();
    const second = await scene.start();
    const before = scene.requests().length;
    await second.step(2);
    const sent = scene.requests().slice(before);
    expect(sent.every((request) => carries(request, pushed))).toBe(true);
    await unblock(scene);
    await (await scene.start()).step(2);
    expect(await readFile(scene.file, "utf8")).toBe(pushed);
    await expect(stat(scene.spillFile)).rejects.toThrow("ENOENT");
    expect(scene.statuses().every((status) => status === 200)).toBe(true);
  });

  it("does not replace a newer one stored since, which is in use", async () => {
    const { scene, spilled } = await spill();
    const stored = scene.emulator.issue(ID);
    await writeFile(scene.file, stored, { mode: 0o600 });
    const before = scene.requests().length;
    await (await scene.start()).step(30);
    const sent = scene.requests().slice(before);
    expect(sent.every((request) => carries(request, stored))).toBe(true);
    expect(await readFile(scene.file, "utf8")).toBe(stored);
    expect(await readFile(scene.spillFile, "utf8")).toBe(spilled);
    // 1, 2, 3 and 23 times in a row.
    const reported = scene.log().match(/^error .*holds another token, .*remove .*unsaved/gm);
    expect(reported).toHaveLength(4);
    expect(scene.log()).not.toContain("warn");
  });

  it("replaces a stored one that the platform rejects", async () => {
    const { scene, spilled } = await spill();
    await writeFile(scene.file, "stale-s3cr3t-0123456789-abcdefghijklmnopqrs", { mode: 0o600 });
    const before = scene.requests().length;
    await (await scene.start()).step(3);
    expect(scene.statuses().slice(before)).toEqual([401, 200, 200, 200]);
    expect(await readFile(scene.file, "utf8")).toBe(spilled);
    await expect(stat(scene.spillFile)).rejects.toThrow("ENOENT");
  });

  it("is reported while it cannot be read, and used as soon as it can", async () => {
    const { scene, spilled } = await spill();
    await writeFile(scene.file, "stale-s3cr3t-0123456789-abcdefghijklmnopqrs", { mode: 0o600 });
    await rename(scene.spillFile, `${scene.spillFile}.aside`);
    await writeFile(scene.spillFile, Buffer.from([0xff, 0xfe, 0x00]), { mode: 0o600 });
    const runner = await scene.start();
    await runner.step(2);
    expect(scene.log()).toMatch(new RegExp(`error a token .* may be the one .*${scene.spillFile}`));
    await rename(`${scene.spillFile}.aside`, scene.spillFile);
    await runner.step(2);
    expect(scene.statuses().at(-1)).toBe(200);
    expect(await readFile(scene.file, "utf8")).toBe(spilled);
  });

  it("and no other can is only in memory, and unsaved until one can", async () => {
    const { scene, runner } = await sceneAfter(2);
    await block(scene);
    await blockSpill(scene);
    const pushed = scene.emulator.pushToken(ID);
    await runner.step(3);
    expect(runner.agent.status().unsaved).toBe(true);
    expect(unsaved(scene).at(-1)).toMatchObject({ spilledTo: null });
    expect(scene.log()).toContain("do not stop this process until that succeeds");
    expect(carries(scene.requests().at(-1), pushed)).toBe(true);
    await unblock(scene);
    await runner.step();
    expect(runner.agent.status().unsaved).toBe(false);
    expect(await readFile(scene.file, "utf8")).toBe(pushed);
  });
});
