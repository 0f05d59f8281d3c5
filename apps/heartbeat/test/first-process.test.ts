import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { A } from "./ids.ts";
import { HEARTBEAT, startProgram } from "./processes.ts";
import { hangAt } from "./storage/disks.ts";
import { temporaryDirectory } from "./support/directory.ts";
import { startPlatform } from "./support/platform.ts";

const HANGING_THREADS = new URL("./support/hanging-threads.mjs", import.meta.url).href;
const CONTAINER = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"];

/** Runs `heartbeat` as process 1. */
function start(command: string, platformUrl: string, env: Record<string, string> = {}) {
  const running = startProgram([...CONTAINER, process.execPath, HEARTBEAT, command], {
    env: { PLATFORM_URL: platformUrl, WORKSPACE_ID: A, CONFIGS_DIR: temporaryDirectory(), ...env },
  });
  const { pid } = running.child;
  return {
    ...running,
    kill: (signal: NodeJS.Signals) =>
      process.kill(Number(readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8")), signal),
  };
}

it.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)(
  "a command that does not handle %s ends with %i as process 1 of a container",
  async (signal, code) => {
    const platform = createServer(() => {});
    const asked = new Promise((resolve) => platform.once("request", resolve));
    await new Promise<void>((resolve) => platform.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => {
      platform.close();
      platform.closeAllConnections();
    });
    const doctor = start("doctor", `http://127.0.0.1:${(platform.address() as AddressInfo).port}`);
    await asked;
    doctor.kill(signal);
    expect(await doctor.ended).toBe(code);
  },
);

it("a command whose disk hangs ends at SIGTERM as process 1 of a container", async () => {
  const dir = temporaryDirectory();
  hangAt(join(dir, "hangs"));
  const env = { CONFIGS_DIR: dir, NODE_OPTIONS: `--import ${HANGING_THREADS}` };
  const doctor = start("doctor", "http://127.0.0.1:9", env);
  await doctor.printed(/the disk hangs/);
  doctor.kill("SIGTERM");
  await doctor.ended;
  expect(doctor.output()).not.toContain("token file");
});

it.each(["SIGINT", "SIGTERM"] as const)(
  "the runner handles %s as process 1 of a container",
  async (signal) => {
    const run = start("run", (await startPlatform()).url);
    await run.printed(/"REGISTERED"/);
    run.kill(signal);
    expect(await run.ended).toBe(0);
  },
);
