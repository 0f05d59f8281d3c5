import { execFileSync, type StdioOptions, spawn } from "node:child_process";
import {
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";

const { O_NONBLOCK, O_RDWR } = constants;
const program = (name: string) => fileURLToPath(new URL(`../../${name}/bin/${name}.mjs`, import.meta.url));
const asLong = { timeout: 90_000 };

function directory(): string {
  const path = mkdtempSync(join(tmpdir(), "output-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** A platform that accepts everything and counts the heartbeats. */
async function platform(answer?: (response: ServerResponse) => void) {
  let heartbeats = 0;
  const server: Server = createServer((request, response) => {
    if (request.url === "/registry/heartbeat") heartbeats += 1;
    response.setHeader("content-type", "application/json");
    if (answer !== undefined) answer(response);
    else response.end(request.url?.endsWith("/delegations") ? "[]" : '{"status":"ok"}');
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, heartbeats: () => heartbeats };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const tokenFiles = (path: string) =>
  readdirSync(path, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".auth_token"));

interface Started {
  /** Sends SIGTERM; returns how it ended, and after how many milliseconds. */
  stop(): Promise<{ code: number | string | null; ms: number }>;
}

function start(name: string, args: string[], env: Record<string, string>, stdio: StdioOptions): Started {
  const child = spawn(process.execPath, [program(name), ...args], {
    stdio,
    env: { PATH: process.env.PATH ?? "", HOME: directory(), ...env },
  });
  child.stderr?.resume();
  const ended = new Promise<number | string | null>((resolve) => {
    child.on("exit", (code, signal) => resolve(code ?? signal));
  });
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await ended;
  });
  return {
    async stop() {
      const began = performance.now();
      child.kill("SIGTERM");
      const code = await ended;
      return { code, ms: performance.now() - began };
    },
  };
}

const runner = (url: string, stdio: StdioOptions, more: string[] = [], env: Record<string, string> = {}) =>
  start(
    "heartbeat",
    ["run", "--interval", "5", "--log-level", "trace", ...more],
    { PLATFORM_URL: url, CONFIGS_DIR: directory(), MOLECULE_WORKSPACES: '[{"id":"a"},{"id":"b"}]', ...env },
    stdio,
  );

/** A pipe that is already full. */
function fullPipe() {
  const path = join(directory(), "pipe");
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
  const path = join(directory(), "pipe");
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
    const { stop } = runner(url, streams());
    await expect.poll(heartbeats, asLong).toBeGreaterThan(2);
    const { code, ms } = await stop();
    expect(code).toBe(0);
    expect(ms).toBeLessThan(2_000);
  }, 150_000);

  it("demo keeps running, and ends on SIGTERM", async () => {
    const TMPDIR = directory();
    const { stop } = start("heartbeat", ["demo"], { TMPDIR }, streams());
    // All its workspaces have registered, which it has printed.
    await expect.poll(() => tokenFiles(TMPDIR), asLong).toHaveLength(3);
    const { code, ms } = await stop();
    expect(code).toBe(0);
    expect(ms).toBeLessThan(2_000);
  }, 150_000);

  it("the emulator keeps answering, and ends on SIGTERM", async () => {
    const port = await freePort();
    const { stop } = start("emulator", ["--port", String(port)], {}, streams());
    const ask = () => fetch(`http://127.0.0.1:${port}/health`).then(({ ok }) => ok);
    await expect.poll(() => ask().catch(() => false), asLong).toBe(true);
    await ask();
    const { code, ms } = await stop();
    expect(code).toBe(0);
    expect(ms).toBeLessThan(2_000);
  }, 150_000);
});

it("unread lines are counted, and reported once there is a reader again", async () => {
  const { url } = await platform((response) => {
    response.statusCode = 422;
    response.end(JSON.stringify({ error: "x".repeat(150) }));
  });
  const list = join(directory(), "list.json");
  writeFileSync(list, JSON.stringify(Array.from({ length: 300 }, (_, index) => ({ id: `w-${index}` }))));
  const pipe = fullPipe();
  onTestFinished(() => closeSync(pipe.fd));
  const port = await freePort();
  const { stop } = runner(
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
  expect((await stop()).code).toBe(0);
}, 240_000);
