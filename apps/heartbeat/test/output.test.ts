import { execFileSync, type StdioOptions } from "node:child_process";
import { closeSync, constants, openSync, readdirSync, readSync, writeFileSync, writeSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { AGENT_7 } from "./ids.ts";
import { outcome, startProgram } from "./processes.ts";
import { temporaryDirectory } from "./support/directory.ts";
import { startPlatform } from "./support/platform.ts";
import { freePort, serveHttp } from "./support/servers.ts";

const { O_NONBLOCK, O_RDWR } = constants;
const program = (name: string) => fileURLToPath(new URL(`../../${name}/bin/${name}.mjs`, import.meta.url));
const asLong = { timeout: 90_000 };

/** A platform that accepts everything and counts the heartbeats. */
async function platform(answer?: (response: ServerResponse) => void) {
  let heartbeats = 0;
  const url = await serveHttp((request, response) => {
    if (request.url === "/registry/heartbeat") heartbeats += 1;
    response.setHeader("content-type", "application/json");
    if (answer !== undefined) answer(response);
    else response.end(request.url?.endsWith("/delegations") ? "[]" : '{"status":"ok"}');
  });
  return { url, heartbeats: () => heartbeats };
}

const tokenFiles = (path: string) =>
  readdirSync(path, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".auth_token"));

/** Starts a program that can be expected to end in time. */
function start(name: string, args: string[], env: Record<string, string>, stdio: StdioOptions) {
  const running = startProgram([process.execPath, program(name), ...args], {
    stdio,
    env: { HOME: temporaryDirectory(), ...env },
  });
  return {
    async expectToStop(withinMs = 2_000) {
      const began = performance.now();
      expect(await running.stop()).toBe(0);
      expect(performance.now() - began).toBeLessThan(withinMs);
    },
  };
}

const runner = (url: string, stdio: StdioOptions, more: string[] = [], env: Record<string, string> = {}) =>
  start(
    "heartbeat",
    ["run", "--interval", "5", "--log-level", "trace", ...more],
    {
      PLATFORM_URL: url,
      CONFIGS_DIR: temporaryDirectory(),
      MOLECULE_WORKSPACES: '[{"id":"a"},{"id":"b"}]',
      ...env,
    },
    stdio,
  );

/** A pipe that is already full. */
function fullPipe() {
  const path = join(temporaryDirectory(), "pipe");
  execFileSync("mkfifo", [path]);
  const fd = openSync(path, O_RDWR | O_NONBLOCK);
  onTestFinished(() => closeSync(fd));
  try {
    for (;;) writeSync(fd, Buffer.alloc(4_096));
  } catch {
    // It is full.
  }
  return {
    fd: openSync(path, O_RDWR),
    read(): string {
      const buffer = Buffer.alloc(65_536);
      try {
        return buffer.subarray(0, readSync(fd, buffer)).toString().replaceAll("\0", "");
      } catch {
        return "";
      }
    },
  };
}

/** Returns the write end of a pipe without a reader. */
function closedPipe(): number {
  const path = join(temporaryDirectory(), "pipe");
  execFileSync("mkfifo", [path]);
  const reader = openSync(path, O_RDWR);
  const writer = openSync(path, constants.O_WRONLY);
  closeSync(reader);
  return writer;
}

const DESTINATIONS: Readonly<Record<string, () => number>> = {
  "a pipe that no one reads": () => fullPipe().fd,
  "a pipe whose reader has gone": closedPipe,
  ...(process.platform === "linux" && { "a disk that is full": () => openSync("/dev/full", "w") }),
};

describe.each(Object.entries(DESTINATIONS))("with standard output and standard error at %s", (_, open) => {
  const streams = (): StdioOptions => {
    const fd = open();
    onTestFinished(() => closeSync(fd));
    return ["ignore", fd, fd];
  };

  it("run keeps sending heartbeats, and ends on SIGTERM", async () => {
    const { url, heartbeats } = await platform();
    const { expectToStop } = runner(url, streams());
    await expect.poll(heartbeats, asLong).toBeGreaterThan(2);
    await expectToStop();
  }, 150_000);

  it("demo keeps running, and ends on SIGTERM", async () => {
    const TMPDIR = temporaryDirectory();
    const { expectToStop } = start("heartbeat", ["demo"], { TMPDIR }, streams());
    // All its workspaces have registered, which it has printed.
    await expect.poll(() => tokenFiles(TMPDIR), asLong).toHaveLength(3);
    await expectToStop();
  }, 150_000);

  it("the emulator keeps answering, and ends on SIGTERM", async () => {
    const port = await freePort();
    const { expectToStop } = start("emulator", ["--port", String(port)], {}, streams());
    const ask = () => fetch(`http://127.0.0.1:${port}/health`).then(({ ok }) => ok);
    await expect.poll(() => ask().catch(() => false), asLong).toBe(true);
    await ask();
    await expectToStop();
  }, 150_000);
});

describe("heartbeat doctor --json", () => {
  const doctor = (url: string, env: Record<string, string>, stdout: number | "pipe") =>
    startProgram([process.execPath, program("heartbeat"), "doctor", "--json"], {
      env: { CONFIGS_DIR: temporaryDirectory(), PLATFORM_URL: url, ...env },
      stdio: ["ignore", stdout, "pipe"],
    });

  it("exits with 1 instead of 0 if its output cannot be written, and says why", async () => {
    const emulator = await startPlatform();
    const env = { WORKSPACE_ID: AGENT_7, MOLECULE_WORKSPACE_TOKEN: emulator.issue(AGENT_7) };
    const writeTo = async (path: string) => {
      const fd = openSync(path, "w");
      onTestFinished(() => closeSync(fd));
      const running = doctor(emulator.url, env, fd);
      return { code: await running.ended, output: running.output() };
    };
    expect(await writeTo("/dev/null")).toEqual({ code: 0, output: "" });
    expect(await writeTo("/dev/full")).toEqual(outcome(1, "it could not be written (ENOSPC)"));
  }, 60_000);

  it("waits for a slow reader", async () => {
    const { url } = await platform();
    const list = Array.from({ length: 200 }, (_, index) => ({ id: `w-${index}` }));
    const { child, ended, output } = doctor(url, { MOLECULE_WORKSPACES: JSON.stringify(list) }, "pipe");
    child.stdout?.pause();
    await expect.poll(() => child.stdout?.readableLength, asLong).toBeGreaterThan(0);
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    child.stdout?.resume();
    expect(await ended).toBe(0);
    expect(JSON.parse(output()).workspaces).toHaveLength(200);
  }, 120_000);
});

it("unread lines are counted, and reported once there is a reader again", async () => {
  const { url } = await platform((response) => {
    response.statusCode = 422;
    response.end(JSON.stringify({ error: "x".repeat(150) }));
  });
  const list = join(temporaryDirectory(), "list.json");
  writeFileSync(list, JSON.stringify(Array.from({ length: 300 }, (_, index) => ({ id: `w-${index}` }))));
  const pipe = fullPipe();
  onTestFinished(() => closeSync(pipe.fd));
  const port = await freePort();
  const { expectToStop } = runner(
    url,
    ["ignore", pipe.fd, "pipe"],
    ["--workspaces-file", list, "--status-port", String(port)],
    { MOLECULE_WORKSPACES: "" },
  );
  const dropped = async () => {
    const response = await fetch(`http://127.0.0.1:${port}/metrics`).catch(() => null);
    return Number(/^heartbeat_log_dropped_total (\d+)/m.exec((await response?.text()) ?? "")?.[1] ?? 0);
  };
  await expect.poll(dropped, { timeout: 120_000, interval: 500 }).toBeGreaterThan(0);
  let text = "";
  await expect
    .poll(
      () => {
        for (let count = 0; count < 50; count += 1) text += pipe.read();
        return text;
      },
      { timeout: 90_000, interval: 10 },
    )
    .toMatch(/"code":"LOG_LINES_DROPPED","msg":"the log has a gap: \d+ lines? dropped: they were not read"/);
  await expectToStop(240_000);
}, 240_000);
