import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { control, emulator, heartbeat, type Running, rotate } from "./processes.ts";

interface Recorded {
  readonly path: string;
  readonly status: number | null;
  readonly workspaceId: string | null;
  readonly headers: { readonly authorization?: { readonly sha256: string } };
}

async function temporaryDir(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "heartbeat-"));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

async function startPlatform(): Promise<{ url: string; requests(): Promise<Recorded[]> }> {
  const running = emulator();
  const [url] = await running.printed(/http:\/\/127\.0\.0\.1:\d+/);
  return {
    url,
    async requests() {
      const state: unknown = await (await fetch(`${url}/emulator/requests`)).json();
      return (state as { requests: Recorded[] }).requests;
    },
  };
}

async function startRunner(
  url: string,
): Promise<{ runner: Running; dir: string; env: Record<string, string> }> {
  const dir = await temporaryDir();
  const env = { PLATFORM_URL: url, WORKSPACE_ID: "agent-7", CONFIGS_DIR: dir };
  const runner = heartbeat(["run", "--interval", "5", "--log-level", "trace"], env);
  await runner.printed(/token stored in/);
  await runner.printed(/heartbeat accepted/);
  return { runner, dir, env };
}

/** A runner whose heartbeat is in flight, at a platform that does not answer. */
async function startHanging() {
  const { url, requests } = await startPlatform();
  const { runner } = await startRunner(url);
  const heartbeats = async () => (await requests()).filter(({ path }) => path.endsWith("/heartbeat"));
  const before = (await heartbeats()).length;
  await control(url, "outage", { kind: "hang" });
  await expect
    .poll(async () => {
      const all = await heartbeats();
      return all.length > before && all.at(-1)?.status === null;
    })
    .toBe(true);
  return runner;
}

describe("heartbeat run, as a process of its own, at an emulator in another", () => {
  it("registers, keeps its token, survives a rotation with one 401, and comes back after kill -9", async () => {
    const { url, requests } = await startPlatform();
    const { runner, dir, env } = await startRunner(url);
    const file = join(dir, ".auth_token");
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await readdir(dir)).sort()).toEqual([".auth_token", ".auth_token.origins"]);

    await expect.poll(async () => (await requests()).length, { timeout: 10_000 }).toBeGreaterThanOrEqual(2);
    const before = (await requests()).length;
    await rotate(url, "agent-7", file);
    await runner.printed(/now using the one from/);
    await expect
      .poll(async () => (await requests()).length, { timeout: 20_000 })
      .toBeGreaterThanOrEqual(before + 3);
    const since = (await requests()).slice(before);
    expect(since.map(({ status }) => status)).toEqual([401, ...since.slice(1).map(() => 200)]);

    runner.child.kill("SIGKILL");
    expect(await runner.ended).toBe("SIGKILL");
    const stored = await readFile(file, "utf8");
    const count = (await requests()).length;
    const again = heartbeat(["run", "--interval", "5"], env);
    await again.printed(/registered/);
    const [last, ...first] = (await requests()).slice(count - 1, count + 2);
    expect(first).toMatchObject([
      { path: "/workspaces/agent-7", status: 200 },
      { path: "/registry/register", status: 200 },
    ]);
    for (const { headers } of first)
      expect(headers.authorization?.sha256).toBe(last?.headers.authorization?.sha256);
    expect(await readFile(file, "utf8")).toBe(stored);
    expect(runner.output() + again.output()).not.toContain(stored);
  }, 60_000);

  it.each(["SIGTERM", "SIGINT"] as const)(
    "ends with 0 on %s, also while the platform does not answer",
    async (signal) => {
      const runner = await startHanging();
      const asked = performance.now();
      runner.child.kill(signal);
      expect(await runner.ended).toBe(0);
      expect(performance.now() - asked).toBeLessThan(2_500);
      expect(runner.output()).toContain("stopped");
    },
    30_000,
  );

  it("exits at once on a second signal", async () => {
    const runner = await startHanging();
    runner.child.kill("SIGTERM");
    await runner.printed(/stopping/);
    runner.child.kill("SIGINT");
    const asked = performance.now();
    expect(await runner.ended).not.toBe(0);
    expect(performance.now() - asked).toBeLessThan(1_000);
  }, 30_000);
});

describe("a configuration that cannot be used", () => {
  it("is reported with all its problems in one message, exit code 2", async () => {
    const runner = heartbeat(["run", "--interval", "1", "--workspace-id", "Agent"], {});
    expect(await runner.ended).toBe(2);
    expect(runner.output().trim().split("\n")).toHaveLength(4);
    expect(runner.output()).toMatch(/PLATFORM_URL is not set.*\n.*workspace id must match.*\n.*--interval/);
  });

  it("is reported for a flag that does not exist, exit code 2", async () => {
    const runner = heartbeat(["run", "--intervall", "5"], {});
    expect(await runner.ended).toBe(2);
    expect(runner.output()).toContain("--interval");
  });
});
