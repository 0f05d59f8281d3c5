import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { AGENT_7 } from "./ids.ts";
import {
  control,
  HEARTBEAT,
  heartbeat,
  outcome,
  outcomeOf,
  type Running,
  rotate,
  startEmulatorProcess,
  startProgram,
} from "./processes.ts";
import { temporaryDirectory } from "./support/directory.ts";

interface Recorded {
  readonly path: string;
  readonly status: number | null;
  readonly workspaceId: string | null;
  readonly headers: { readonly authorization?: { readonly sha256: string } };
}

async function startPlatform(): Promise<{ url: string; requests(): Promise<Recorded[]> }> {
  const url = await startEmulatorProcess();
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
  const dir = temporaryDirectory();
  const env = { PLATFORM_URL: url, WORKSPACE_ID: AGENT_7, CONFIGS_DIR: dir };
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

describe("heartbeat run, with the emulator in another process", () => {
  it("registers, keeps its token, survives a rotation with one 401, and recovers after kill -9", async () => {
    const { url, requests } = await startPlatform();
    const { runner, dir, env } = await startRunner(url);
    const file = join(dir, ".auth_token");
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await readdir(dir)).sort()).toEqual([
      ".auth_token",
      ".auth_token.origins",
      ".platform_inbound_secret",
      ".platform_inbound_secret.origins",
      ".runner.json",
    ]);

    // After the first heartbeat's requests, none is in flight for a while.
    const countNow = async () => (await requests()).length;
    let before = 0;
    for (let count = await countNow(); count !== before; count = await countNow()) {
      before = count;
      await sleep(1_000);
    }
    // It sees the rotation and the new file at the same moment.
    runner.child.kill("SIGSTOP");
    await rotate(url, AGENT_7, file);
    runner.child.kill("SIGCONT");
    await runner.printed(/now using the one from/);
    await expect
      .poll(async () => (await requests()).length, { timeout: 20_000 })
      .toBeGreaterThanOrEqual(before + 3);
    const since = (await requests()).slice(before);
    expect(since.map(({ status }) => status)).toEqual([401, ...since.slice(1).map(() => 200)]);

    expect(await runner.stop("SIGKILL")).toBe("SIGKILL");
    const stored = await readFile(file, "utf8");
    const count = (await requests()).length;
    const again = heartbeat(["run", "--interval", "5"], env);
    await again.printed(/registered/);
    const [last, ...first] = (await requests()).slice(count - 1, count + 2);
    expect(first).toMatchObject([
      { path: `/workspaces/${AGENT_7}`, status: 200 },
      { path: "/registry/register", status: 200 },
    ]);
    for (const { headers } of first)
      expect(headers.authorization?.sha256).toBe(last?.headers.authorization?.sha256);
    expect(await readFile(file, "utf8")).toBe(stored);
    expect(runner.output() + again.output()).not.toContain(stored);
  });

  it.each(["SIGTERM", "SIGINT"] as const)(
    "exits with 0 on %s, even while the platform does not answer",
    async (signal) => {
      const runner = await startHanging();
      const asked = performance.now();
      expect(await runner.stop(signal)).toBe(0);
      expect(performance.now() - asked).toBeLessThan(2_500);
      expect(runner.output()).toContain("stopped");
    },
  );

  it("exits at once on a second signal", async () => {
    const runner = await startHanging();
    runner.child.kill("SIGTERM");
    await runner.printed(/stopping/);
    runner.child.kill("SIGINT");
    const asked = performance.now();
    expect(await runner.ended).not.toBe(0);
    expect(performance.now() - asked).toBeLessThan(1_000);
  });
});

describe("a token that the platform rejects when the runner starts", () => {
  async function startRejected(...args: readonly string[]) {
    const { url, requests } = await startPlatform();
    await control(url, `workspaces/${AGENT_7}/rotate`);
    const env = { PLATFORM_URL: url, CONFIGS_DIR: temporaryDirectory(), WORKSPACE_ID: AGENT_7 };
    const token = { MOLECULE_WORKSPACE_TOKEN: "stale-token-0123456789abcdef" };
    return {
      url,
      requests,
      env,
      token,
      start: (more = {}) => heartbeat(["run", ...args], { ...env, ...more }),
    };
  }

  it("does not with --wait-for-token, without a token, or in a list", async () => {
    const { start, token, env } = await startRejected("--wait-for-token", "--interval", "5");
    const waiting = start(token);
    await waiting.printed(/HEARTBEAT_FAILED:TOKEN_REJECTED/);
    const without = heartbeat(["run", "--interval", "5"], env);
    await without.printed(/HEARTBEAT_FAILED:TOKEN_MISSING/);
    const list = JSON.stringify([{ id: AGENT_7, token: token.MOLECULE_WORKSPACE_TOKEN }]);
    const listed = heartbeat(["run", "--interval", "5"], { ...env, MOLECULE_WORKSPACES: list });
    await listed.printed(/HEARTBEAT_FAILED:TOKEN_REJECTED/);
  }, 90_000);

  it("makes a single workspace's runner exit with 3; its file must exist", async () => {
    const { start, env } = await startRejected();
    const file = join(env.CONFIGS_DIR, "secret");
    const missing = start({ MOLECULE_WORKSPACE_TOKEN_FILE: file });
    expect(await missing.ended).toBe(2);
    expect(missing.output()).toContain("there is no such file");
    await writeFile(file, "stale-token-0123456789abcdef\n");
    const runner = start({ MOLECULE_WORKSPACE_TOKEN_FILE: file });
    expect(await runner.ended).toBe(3);
    // Why comes first, and no hint about a second Ctrl-C when there was no first.
    expect(runner.output()).toMatch(/"REJECTED_AT_START"[\s\S]*"msg":"stopping"/);
  }, 90_000);
});

it("reports once that the platform accepts only UUIDs", async () => {
  const { url } = await startPlatform();
  const env = { PLATFORM_URL: url, CONFIGS_DIR: temporaryDirectory(), WORKSPACE_ID: "atlas" };
  const runner = heartbeat(["run", "--interval", "5"], env);
  await runner.printed(/only UUIDs as workspace ids; these are not: atlas/);
  await runner.printed(/HEARTBEAT_FAILED/);
  expect(runner.output().match(/"code":"WORKSPACE_ID_NOT_UUID"/g)).toHaveLength(1);
  await runner.stop();
  expect((await outcomeOf(["doctor"], env)).output).toContain("atlas: the platform accepts only UUIDs");
}, 90_000);

it("turns a polling workspace into a push one with --workspace-url, and keeps it one without", async () => {
  const { url, requests } = await startPlatform();
  const { runner, env } = await startRunner(url);
  await runner.stop();
  for (const args of [["--workspace-url", "http://localhost:9999/a2a"], []]) {
    const again = heartbeat(["run", "--interval", "5", ...args], env);
    await again.printed(/registered/);
    expect(await again.stop()).toBe(0);
  }
  const all = (await requests()) as (Recorded & { body: Record<string, unknown> })[];
  const sent = all
    .filter(({ path }) => path === "/registry/register")
    .map(({ status, body }) => [status, body.url, body.delivery_mode]);
  expect(sent).toEqual([
    [200, "", "poll"],
    [200, "http://localhost:9999/a2a", "push"],
    [200, "http://localhost:9999/a2a", undefined],
  ]);
}, 90_000);

describe("an invalid configuration", () => {
  it("is reported with all its problems in one message, exit code 2", async () => {
    const { code, output } = await outcomeOf(["run", "--interval", "1", "--workspace-id", "Agent"], {});
    expect(code).toBe(2);
    expect(output.trim().split("\n")).toHaveLength(4);
    expect(output).toMatch(/PLATFORM_URL is not set.*\n.*workspace id must match.*\n.*--interval/);
  });

  it("is reported in a directory that was removed, where no file can be read, exit code 2", async () => {
    const directory = join(temporaryDirectory(), "release");
    const script = 'mkdir "$0"; cd "$0"; rmdir "$0"; exec "$@"';
    const env = {
      PLATFORM_URL: "http://127.0.0.1:9",
      WORKSPACE_ID: AGENT_7,
      CONFIGS_DIR: temporaryDirectory(),
    };
    const command = ["sh", "-c", script, directory, process.execPath, HEARTBEAT, "run"];
    const running = startProgram(command, { env });
    expect({ code: await running.ended, output: running.output() }).toEqual(
      outcome(2, "The current directory was removed"),
    );
  });

  it("is reported for a flag that does not exist, exit code 2", async () => {
    expect(await outcomeOf(["run", "--intervall", "5"], {})).toEqual(outcome(2, "--interval"));
  });
});
