import { chmod, chown, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Emulator } from "@x/emulator";
import { describe, expect, it } from "vitest";
import { directoryOf, registrations } from "./fleet-scene.ts";
import { AGENT_7 } from "./ids.ts";
import { heartbeat } from "./processes.ts";
import { temporaryDirectory } from "./support/directory.ts";
import { carries, startPlatform } from "./support/platform.ts";
import { serveHttp } from "./support/servers.ts";

const ID = AGENT_7;
const INTERVAL = ["--interval", "5"];
/** Tests that run as root start the runner as another user, because root can write everywhere. */
const user = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

async function setUp() {
  const emulator = await startPlatform();
  const dir = temporaryDirectory();
  const env = { PLATFORM_URL: emulator.url, WORKSPACE_ID: ID, CONFIGS_DIR: dir };
  const run = () => heartbeat(["run", ...INTERVAL], env, user);
  return { emulator, dir, run, file: join(dir, ".auth_token") };
}

const heartbeats = (emulator: Emulator) => emulator.workspaces()[0]?.heartbeats ?? 0;
const giveTo = (path: string) => (user.uid === undefined ? undefined : chown(path, user.uid, user.gid));

describe("heartbeat run, when it cannot store a token", () => {
  it("requests none: it reports the fix, continues once that is done, and exits with 0", async () => {
    const { emulator, dir, run, file } = await setUp();
    await chmod(dir, 0o555);
    const runner = run();
    await runner.printed(/"level":"error".*"code":"REGISTER_FAILED:STORAGE_WRITE_FAILED".*\.auth_token/);
    expect(emulator.workspaces()).toEqual([]);
    expect(registrations(emulator, ID)).toEqual([]);
    await chmod(dir, 0o700);
    await giveTo(dir);
    await runner.printed(/"code":"TOKEN_SAVED"/);
    await expect.poll(() => heartbeats(emulator)).toBeGreaterThan(0);
    expect(await readFile(file, "utf8")).toHaveLength(43);
    expect(await runner.stop()).toBe(0);
  });

  it("exits with 0 on a signal when it was never issued one", async () => {
    const { dir, run } = await setUp();
    await chmod(dir, 0o555);
    const runner = run();
    await runner.printed(/REGISTER_FAILED:STORAGE_WRITE_FAILED/);
    expect(await runner.stop()).toBe(0);
  });
});

it("reports on a signal that an unresponsive platform may have issued a token that was not received", async () => {
  const { dir } = await setUp();
  await giveTo(dir);
  let registrations = 0;
  const platformUrl = await serveHttp(({ url }, response) => {
    if (url === "/registry/register") registrations += 1;
    else response.writeHead(404).end('{"error":"workspace not found"}');
  });
  const env = { PLATFORM_URL: platformUrl, WORKSPACE_ID: ID, CONFIGS_DIR: dir };
  const runner = heartbeat(["run", ...INTERVAL], env, user);
  await expect.poll(() => registrations, { timeout: 20_000 }).toBe(1);
  runner.child.kill("SIGTERM");
  await runner.printed(/"level":"warn".*"code":"REGISTRATION_UNANSWERED"/);
  expect(await runner.ended).toBe(0);
});

describe("heartbeat run, when a token can no longer be stored", () => {
  /** A runner that has registered, but whose next token cannot be stored: directories block the files' paths. */
  async function block() {
    const scene = await setUp();
    const { emulator, dir, run, file } = scene;
    await giveTo(dir);
    const runner = run();
    await expect.poll(() => heartbeats(emulator)).toBeGreaterThan(0);
    await rm(file);
    await mkdir(file);
    return { ...scene, runner };
  }

  it("keeps it in <configs>/unsaved, exits with 0, and offers it at the next start", async () => {
    const { emulator, dir, run, file, runner } = await block();
    const pushed = emulator.pushToken(ID);
    await runner.printed(/"level":"error".*"code":"TOKEN_UNSAVED"/);
    expect(await runner.stop()).toBe(0);
    const spilled = join(directoryOf(dir, emulator.url, ID, "unsaved"), ".auth_token");
    expect(await readFile(spilled, "utf8")).toBe(pushed);

    await rm(file, { recursive: true });
    const before = emulator.requests.length;
    const again = run();
    await again.printed(/"code":"TOKEN_SAVED"/);
    await again.printed(/"code":"REGISTERED"/);
    expect(await readFile(file, "utf8")).toBe(pushed);
    await expect(readFile(spilled, "utf8")).rejects.toThrow("ENOENT");
    expect(emulator.requests.slice(before).every((request) => carries(request, pushed))).toBe(true);
  });

  it("exits with 4 and an error that names the workspace if neither location works", async () => {
    const { emulator, dir, runner } = await block();
    await writeFile(join(dir, "unsaved"), "");
    emulator.pushToken(ID);
    await runner.printed(/"code":"TOKEN_UNSAVED".*do not stop this process/);
    expect(await runner.stop()).toBe(4);
    expect(runner.logged().at(-1)).toMatchObject({
      level: "error",
      workspace_id: ID,
      code: "TOKEN_LOST",
    });
  });
});

/** A workspace that was alive for a moment, and its stored token. */
async function setUpRegistered() {
  const scene = await setUp();
  await giveTo(scene.dir);
  const first = scene.run();
  await expect.poll(() => heartbeats(scene.emulator)).toBeGreaterThan(0);
  expect(await first.stop()).toBe(0);
  return { ...scene, token: await readFile(scene.file, "utf8") };
}

it("exits with 0 if only the inbound secret could not be stored, as beside a mounted token", async () => {
  const { dir, run, file, token } = await setUpRegistered();
  await rm(join(dir, ".platform_inbound_secret"));
  await chmod(dir, 0o555);

  const again = run();
  await again.printed(/"level":"error".*"code":"SECRET_UNSAVED"/);
  expect(await again.stop()).toBe(0);
  expect(again.output()).not.toContain("TOKEN_LOST");
  await chmod(dir, 0o700);
  expect(await readFile(file, "utf8")).toBe(token);
});

describe("heartbeat run, for a workspace that was removed while it was down", () => {
  it("checks its status, registers nothing, keeps its token, and reports one cause with one fix", async () => {
    const { emulator, run, file, token } = await setUpRegistered();
    emulator.remove(ID);
    const before = registrations(emulator, ID).length;

    const again = run();
    await again.printed(/REGISTER_FAILED:WORKSPACE_REMOVED/);
    const lookUps = () => emulator.requests.filter(({ path }) => path === `/workspaces/${ID}`).length;
    const seen = lookUps();
    await expect.poll(lookUps).toBeGreaterThan(seen + 1);
    expect(await again.stop()).toBe(0);
    expect(registrations(emulator, ID)).toHaveLength(before);
    expect(await readFile(file, "utf8")).toBe(token);
    const problems = again.logged().filter(({ level }) => level === "warn" || level === "error");
    expect(new Set(problems.map(({ code }) => code))).toEqual(new Set(["REGISTER_FAILED:WORKSPACE_REMOVED"]));
    expect(problems[0]?.msg).toContain("create a new one and use its id and token");
  });
});
