import { chmod, mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { describe, expect, it } from "vitest";
import { createScene, ID, sceneAfter } from "./scene.ts";
import { carries } from "./support/platform.ts";

describe("a token that the platform issues", () => {
  it("incident 27: is on disk and in the very next request after its answer", async () => {
    const { scene } = await sceneAfter(2);
    const token = await readFile(scene.file, "utf8");
    expect((await stat(scene.file)).mode & 0o777).toBe(0o600);
    expect(scene.requests().map(({ path }) => path)).toEqual(["/registry/register", "/registry/heartbeat"]);
    expect(scene.requests()[0]?.headers.authorization).toBeUndefined();
    expect(carries(scene.requests()[1], token)).toBe(true);
  });

  it("incident 1: is received and stored if pushed while another one is in use", async () => {
    const { scene, runner } = await sceneAfter(2);
    const first = await readFile(scene.file, "utf8");
    const pushed = scene.emulator.pushToken(ID);
    await runner.step(2);
    expect(await readFile(scene.file, "utf8")).toBe(pushed);
    expect(carries(scene.requests()[2], first)).toBe(true);
    expect(carries(scene.requests()[3], pushed)).toBe(true);
  });

  it("incident 1: is received and stored again after the platform's database was reset", async () => {
    const { scene } = await sceneAfter(2);
    const first = await readFile(scene.file, "utf8");
    scene.emulator.reset();
    await (await scene.start()).step(2);
    const second = await readFile(scene.file, "utf8");
    expect(second).not.toBe(first);
    expect(scene.emulator.workspaces()).toMatchObject([{ id: ID, status: "online" }]);
  });
});

it("an issued token that is not text is reported once, however many answers have it", async () => {
  const { scene, runner } = await sceneAfter(2);
  const token = await readFile(scene.file, "utf8");
  const body = (auth_token: unknown) => JSON.stringify({ status: "ok", auth_token });
  scene.emulator.outage({ kind: "status", status: 200, body: body(7) });
  await runner.step(3);
  scene.emulator.outage({ kind: "status", status: 200, body: body({ token }) });
  await runner.step(2);
  expect(scene.codes().filter((code) => code === "TOKEN_UNUSABLE")).toHaveLength(1);
  expect(scene.log()).toMatch(/error the platform issued something that cannot be a token/);
  expect(await readFile(scene.file, "utf8")).toBe(token);
});

describe("a restart", () => {
  it("incident 2: sends the stored token with its first registration, and gets no new one", async () => {
    const { scene } = await sceneAfter(2);
    const token = await readFile(scene.file, "utf8");
    await (await scene.start()).step(2);
    expect(carries(scene.requests()[2], token)).toBe(true);
    expect(scene.requests()[2]?.path).toBe("/registry/register");
    expect(await readFile(scene.file, "utf8")).toBe(token);
    expect(scene.events.filter(({ type }) => type === "token-received")).toHaveLength(1);
  });

  it("incident 5: without its file is diagnosed after three rejections; heartbeats continue without a hot loop", async () => {
    const { scene } = await sceneAfter(2);
    await rm(scene.file);
    const runner = await scene.start();
    const before = scene.requests().length;
    const started = scene.clock.monotonic();
    await runner.step(12);
    const minutes = (scene.clock.monotonic() - started) / 60_000;
    expect(scene.events.filter(({ type }) => type === "locked-out")).toHaveLength(1);
    expect(scene.log()).toMatch(
      /error rejected 3 times in a row\. Tried: \/\S*\.auth_token: nothing; MOLECULE_WORKSPACE_TOKEN: nothing/,
    );
    expect((scene.requests().length - before) / minutes).toBeLessThan(4);
    // An operator stores a new one.
    await writeFile(scene.file, scene.emulator.issue(ID), { mode: 0o600 });
    await runner.step(1);
    expect(scene.statuses().at(-1)).toBe(200);
  });
});

describe("a rotation", () => {
  it("incident 6: with the file replaced under the process costs one 401, and the next request is accepted", async () => {
    const { scene, runner } = await sceneAfter(3);
    const before = scene.requests().length;
    const rotated = scene.emulator.rotate(ID);
    await writeFile(scene.file, rotated);
    await runner.step(3);
    expect(scene.statuses().slice(before)).toEqual([401, 200, 200, 200]);
    expect(carries(scene.requests()[before + 1], rotated)).toBe(true);
  });

  it("incident 7: a 401 over HTTP is counted as a rejection, not as a success", async () => {
    const { scene, runner } = await sceneAfter(2);
    scene.emulator.rotate(ID);
    await runner.step();
    expect(scene.statuses().at(-1)).toBe(401);
    expect(runner.agent.status().state).toMatchObject({ phase: "recovering", rejections: 1 });
    expect(scene.events.at(-1)).toMatchObject({
      type: "failed",
      failure: { kind: "unauthorized", code: "TOKEN_REJECTED", status: 401 },
    });
  });

  it("incident 22: that minted twice recovers, with the file's token or one from registering", async () => {
    const { scene, runner } = await sceneAfter(2);
    const minted = scene.emulator.rotate(ID);
    await writeFile(scene.file, minted);
    await runner.step();
    scene.emulator.rotate(ID);
    await runner.step();
    expect(scene.statuses().at(-1)).toBe(401);
    scene.emulator.revoke(ID);
    await runner.step(2);
    const kept = await readFile(scene.file, "utf8");
    expect(kept).not.toBe(minted);
    expect(carries(scene.requests().at(-1), kept)).toBe(true);
    expect(scene.statuses().at(-1)).toBe(200);
  });
});

describe("two sources that disagree", () => {
  it("incident 21: a stale file gives way to a fresh environment variable after one 401, reported once; a stale variable to a fresh file", async () => {
    const { scene } = await sceneAfter(2);
    const old = await readFile(scene.file, "utf8");
    const fresh = scene.emulator.rotate(ID);
    await (await scene.start({ MOLECULE_WORKSPACE_TOKEN: fresh })).step(2);
    expect(scene.statuses().slice(2)).toEqual([401, 200, 200]);
    expect(scene.authEvents.filter(({ type }) => type === "sources-disagree")).toHaveLength(1);

    await writeFile(scene.file, fresh);
    await (await scene.start({ MOLECULE_WORKSPACE_TOKEN: old })).step(2);
    expect(scene.statuses().slice(5)).toEqual([200, 200]);
  });
});

describe("a token file that cannot be read", () => {
  async function unreadable() {
    const scene = await createScene();
    await writeFile(scene.file, Buffer.from([0xff, 0xfe, 0x00, 0x41]));
    await chmod(scene.file, 0o600);
    return scene;
  }

  it("incident 4: is reported as unreadable, not as absent, and does not stop heartbeats", async () => {
    const scene = await unreadable();
    const runner = await scene.start({ MOLECULE_WORKSPACE_TOKEN: scene.emulator.create(ID) });
    const { sources } = await runner.auth.explain();
    expect(sources.find(({ source }) => source === "storage")).toMatchObject({ state: "failed" });
    await runner.step(2);
    expect(scene.statuses()).toEqual([200, 200]);
  });

  it("without another token, keeps a workspace from registering: a new token could not be stored", async () => {
    const scene = await unreadable();
    await (await scene.start()).step(2);
    expect(scene.registrations()).toEqual([]);
    expect(scene.log()).toContain("it is UTF-16 text, not UTF-8. Move it away, then save again.");
  });
});

describe("a spilled token beside a stored one that may be newer", () => {
  /** A runner that died before it had removed the spilled copy, and whose workspace has had a rotation since. */
  async function leftBehind() {
    const { scene } = await sceneAfter(2);
    await mkdir(dirname(scene.spillFile), { recursive: true, mode: 0o700 });
    await writeFile(scene.spillFile, await readFile(scene.file, "utf8"), { mode: 0o600 });
    const rotated = scene.emulator.rotate(ID);
    return { scene, rotated, runner: await scene.start() };
  }

  it.each([1, 2, 3, 8])("does not replace it because of %i rejections in error", async (forRequests) => {
    const { scene, rotated, runner } = await leftBehind();
    await writeFile(scene.file, rotated);
    await runner.step(3);
    scene.emulator.outage({ kind: "status", status: 401 }, { forRequests });
    await runner.step(10);
    expect(await readFile(scene.file, "utf8")).toBe(rotated);
    expect(scene.statuses().slice(-3)).toEqual([200, 200, 200]);
  });

  it("replaces it once the platform rejects that one and has accepted the spilled one", async () => {
    const { scene, rotated, runner } = await leftBehind();
    await writeFile(scene.spillFile, rotated);
    await runner.step(3);
    expect(scene.statuses().slice(2)).toEqual([401, 200, 200, 200]);
    expect(await readFile(scene.file, "utf8")).toBe(rotated);
    await expect(readFile(scene.spillFile)).rejects.toThrow("ENOENT");
  });
});
