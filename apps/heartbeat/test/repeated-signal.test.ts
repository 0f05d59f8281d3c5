import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { AGENT_7 } from "./ids.ts";
import { control, heartbeat, startEmulatorProcess } from "./processes.ts";
import { temporaryDirectory } from "./support/directory.ts";

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
