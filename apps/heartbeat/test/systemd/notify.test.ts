import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ATLAS, BIRCH, COMET } from "../ids.ts";
import { control, heartbeat, startEmulatorProcess } from "../processes.ts";
import { createService, type Service } from "./service.ts";

const list = (...ids: readonly string[]) => JSON.stringify(ids.map((id) => ({ id })));

async function platform() {
  const url = await startEmulatorProcess();
  return url;
}

async function start(service: Service, url: string, env: Readonly<Record<string, string>> = {}) {
  const file = join(service.dir, "workspaces.json");
  await writeFile(file, list(ATLAS, BIRCH));
  const args = ["run", "--interval", "5", "--workspaces-file", file];
  return { file, runner: heartbeat(args, { ...service.env, PLATFORM_URL: url, ...env }) };
}

/** The reported states of the service, in order. */
const states = (sent: readonly (readonly string[])[]) =>
  sent.flatMap(([first = ""]) => (/^(READY|RELOADING|STOPPING)=1$/.test(first) ? [first] : []));

describe("as a service of systemd, the runner", () => {
  it("reports when its workspaces are alive, again after each reload, and when it stops", async () => {
    const service = await createService();
    const { file, runner } = await start(service, await platform());
    expect(await service.heard("READY=1")).toContain("STATUS=2 workspaces: 2 alive");
    await writeFile(file, list(ATLAS, BIRCH, COMET));
    runner.child.kill("SIGHUP");
    await runner.printed(/CONFIG_RELOADED/);
    await expect.poll(async () => states(await service.sent())).toHaveLength(3);
    const reloading = await service.heard("RELOADING=1");
    expect(reloading[1]).toMatch(/^MONOTONIC_USEC=\d+$/);
    expect(await runner.stop()).toBe(0);
    expect(states(await service.sent()).at(-1)).toBe("STOPPING=1");
    expect(new Set(states(await service.sent()))).toEqual(new Set(["READY=1", "RELOADING=1", "STOPPING=1"]));
    const raw = await readFile(join(service.dir, "sent"), "utf8");
    for (const line of raw.trim().split("\n")) expect(line).toMatch(/\/notify$/);
  });

  it("is not ready while the platform is down, but is once it recovers", async () => {
    const service = await createService();
    const url = await platform();
    await control(url, "outage", { kind: "status", status: 503 });
    const { runner } = await start(service, url);
    await runner.printed(/REGISTER_FAILED[\s\S]*REGISTER_FAILED/);
    expect(states(await service.sent())).toEqual([]);
    await control(url, "outage", { kind: null });
    await service.heard("READY=1");
  });

  it("answers the watchdog twice as often as required, even before it is ready", async () => {
    const service = await createService();
    const { runner } = await start(service, "http://127.0.0.1:9", { WATCHDOG_USEC: "400000" });
    await runner.printed(/REGISTER_FAILED/);
    const pings = async () => (await service.sent()).filter(([first]) => first === "WATCHDOG=1");
    const before = (await pings()).length;
    await expect.poll(async () => (await pings()).length, { timeout: 20_000 }).toBeGreaterThan(before + 3);
    expect((await pings()).at(-1)?.[1]).toMatch(/^STATUS=2 workspaces: 2 registering$/);
    expect(states(await service.sent())).toEqual([]);
  });

  it("does not answer another process's watchdog", async () => {
    const service = await createService();
    const { runner } = await start(service, await platform(), { WATCHDOG_USEC: "200000", WATCHDOG_PID: "1" });
    await service.heard("READY=1");
    await runner.stop();
    expect((await service.sent()).filter(([first]) => first === "WATCHDOG=1")).toEqual([]);
  });

  it("continues without systemd-notify, with one warning and its fix", async () => {
    const service = await createService();
    const { runner } = await start(service, await platform(), {
      PATH: "/nonexistent",
      WATCHDOG_USEC: "200000",
    });
    await runner.printed(/"level":"warn".*"code":"SYSTEMD_NOTIFY_FAILED".*ENOENT.*install systemd-notify/);
    await runner.printed(/REGISTERED[\s\S]*REGISTERED/);
    expect(await runner.stop()).toBe(0);
    expect(runner.output().match(/SYSTEMD_NOTIFY_FAILED/g)).toHaveLength(1);
  });

  it("continues if the system refuses to start it, as with a circular link, and says why once", async () => {
    const service = await createService();
    const bin = join(service.dir, "circular");
    await mkdir(bin);
    await symlink("systemd-notify", join(bin, "systemd-notify"));
    const { runner } = await start(service, await platform(), { PATH: bin, WATCHDOG_USEC: "200000" });
    await runner.printed(/"level":"warn".*"code":"SYSTEMD_NOTIFY_FAILED".*ELOOP/);
    await runner.printed(/REGISTERED[\s\S]*REGISTERED/);
    expect(await runner.stop()).toBe(0);
    expect(runner.output().match(/SYSTEMD_NOTIFY_FAILED/g)).toHaveLength(1);
  });

  it("continues if it hangs or fails, and ends in time", async () => {
    const service = await createService("#!/bin/sh\nexec sleep 60\n");
    const { runner } = await start(service, await platform());
    await runner.printed(/REGISTERED[\s\S]*REGISTERED/);
    await runner.printed(/SYSTEMD_NOTIFY_FAILED.*SIGTERM/);
    const began = performance.now();
    expect(await runner.stop()).toBe(0);
    expect(performance.now() - began).toBeLessThan(7_500);
  });

  it("keeps its command from notifying systemd", async () => {
    const service = await createService();
    const url = await platform();
    const env = { ...service.env, PLATFORM_URL: url, WORKSPACE_ID: ATLAS, WATCHDOG_USEC: "60000000" };
    const print = ["-e", "console.log(JSON.stringify(process.env))"];
    const runner = heartbeat(["run", "--interval", "5", "--", process.execPath, ...print], env);
    expect(await runner.ended).toBe(0);
    const [printed = ""] = /^\{"[A-Z].*$/m.exec(runner.output()) ?? [];
    expect(JSON.parse(printed)).toMatchObject({ WORKSPACE_ID: ATLAS });
    expect(printed).not.toMatch(/NOTIFY_SOCKET|WATCHDOG/);
  });
});

it("starts nothing without NOTIFY_SOCKET", async () => {
  const service = await createService();
  const { runner } = await start(service, await platform(), { NOTIFY_SOCKET: "" });
  await runner.printed(/REGISTERED[\s\S]*REGISTERED/);
  await runner.stop();
  expect(await service.sent()).toEqual([]);
});
