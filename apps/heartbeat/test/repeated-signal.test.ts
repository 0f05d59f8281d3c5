import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it, onTestFinished } from "vitest";
import { AGENT_7 } from "./ids.ts";
import { heartbeatsOf } from "./library/scene.ts";
import { control, heartbeat, startEmulatorProcess } from "./processes.ts";
import { temporaryDirectory } from "./support/directory.ts";
import { startPlatform } from "./support/platform.ts";

const requestsOf = async (url: string) => (await fetch(`${url}/emulator/requests`)).text();

it.each([
  { what: "a runner", command: [], code: 0 },
  { what: "a runner whose command has not started", command: ["--", "true"], code: 128 + 15 },
])(
  "one signal that arrives twice, as GNU timeout sends it, stops $what without losing a token",
  async (run) => {
    const url = await startEmulatorProcess();
    await control(url, "latency", { ms: 1_000 });
    const dir = temporaryDirectory();
    const env = { PLATFORM_URL: url, WORKSPACE_ID: AGENT_7, CONFIGS_DIR: dir };
    const runner = heartbeat(["run", ...run.command], env);
    await expect.poll(() => requestsOf(url), { timeout: 20_000 }).toContain("/registry/register");
    // Several, because the system delivers two at a time as one.
    for (let count = 0; count < 10; count += 1) runner.child.kill("SIGTERM");
    expect(await runner.ended).toBe(run.code);
    expect(await readFile(join(dir, ".auth_token"), "utf8")).not.toBe("");
  },
);

it("one that still arrives when the command has ended does not replace its exit code", async () => {
  const url = await startEmulatorProcess();
  const env = { PLATFORM_URL: url, WORKSPACE_ID: AGENT_7, CONFIGS_DIR: temporaryDirectory() };
  const command = ["sh", "-c", "trap 'exit 3' TERM; echo ready; while :; do sleep 0.01; done"];
  const runner = heartbeat(["run", "--", ...command], env);
  await runner.printed(/^ready$/m);
  const repeating = setInterval(() => runner.child.kill("SIGTERM"), 3);
  onTestFinished(() => clearInterval(repeating));
  expect(await runner.ended).toBe(3);
});

it("a second signal ends it with 1 if its command succeeded, because not all has ended", async () => {
  const emulator = await startPlatform();
  const env = { PLATFORM_URL: emulator.url, WORKSPACE_ID: AGENT_7, CONFIGS_DIR: temporaryDirectory() };
  const command = ["sh", "-c", "trap 'exit 0' TERM; echo ready; while :; do sleep 0.01; done"];
  const runner = heartbeat(["run", "--interval", "5", "--", ...command], env);
  await runner.printed(/^ready$/m);
  emulator.outage({ kind: "hang" });
  const before = heartbeatsOf(emulator).length;
  await expect.poll(() => heartbeatsOf(emulator).length, { timeout: 30_000 }).toBeGreaterThan(before);
  runner.child.kill("SIGTERM");
  await runner.printed(/COMMAND_ENDED/);
  await sleep(200);
  runner.child.kill("SIGTERM");
  expect(await runner.ended).toBe(1);
});
