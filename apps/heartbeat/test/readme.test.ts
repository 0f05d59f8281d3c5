import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { EXIT } from "../src/commands/exit-codes.ts";
import { createMetrics } from "../src/observability/metrics.ts";
import { ReloadState } from "../src/observability/reload-state.ts";
import { flagsOf } from "./help.ts";
import { ATLAS, BIRCH, COMET, DELTA } from "./ids.ts";
import { HEARTBEAT } from "./processes.ts";
import { temporaryDirectory } from "./support/directory.ts";
import { freePort } from "./support/servers.ts";
import { sharingRunner } from "./views.ts";
import { virtualClock } from "./virtual-clock.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

const read = (path: string) => readFile(`${ROOT}/${path}`, "utf8");

/** A terminal in the clone into which an operator copies a page's commands; Ctrl-C is pressed at the end of the test. */
function shell(blocks: readonly string[], env: Record<string, string>) {
  const child: ChildProcess = spawn("sh", ["-ec", blocks.join("\n")], {
    cwd: ROOT,
    env: { PATH: process.env.PATH ?? "", ...env },
    stdio: ["ignore", "pipe", "pipe"],
    // Its own process group, so that what npm starts in it can be ended with it.
    detached: true,
  });
  let output = "";
  const take = (chunk: Buffer) => {
    output += chunk.toString("utf8");
  };
  child.stdout?.on("data", take);
  child.stderr?.on("data", take);
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  onTestFinished(async () => {
    signalGroup(child, "SIGINT");
    await ended;
  });
  return { output: () => output, ended };
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal);
  } catch (error) {
    // It has already exited.
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

describe("docs/first-fleet.md", () => {
  /** The shell blocks of the numbered steps, in order. */
  let steps: string[] = [];
  beforeAll(async () => {
    const page = await read("docs/first-fleet.md");
    steps = [...page.matchAll(/^\*\*\d\. [\s\S]+?^```sh\n([\s\S]+?)^```$/gm)].map(([, block = ""]) => block);
  });

  it("leads step by step to a running fleet of three", async () => {
    const home = temporaryDirectory();
    const env = { HOME: home, PORT: String(await freePort()) };
    const [setUp = "", platform = "", list = "", run = "", check = "", change = "", send = "", ...rest] =
      steps;
    expect(rest).toEqual([]);
    // The setup is already done here; the demo has its own test.
    expect(setUp).toBe("npm run demo -- --once\n");
    const soon = { timeout: 20_000 };

    const emulator = shell([platform], env);
    await expect.poll(emulator.output, soon).toContain(`http://127.0.0.1:${env.PORT}`);
    const runner = shell([list, run], env);
    for (const id of [ATLAS, BIRCH, COMET])
      await expect.poll(runner.output, soon).toContain(`"workspace_id":"${id}","code":"REGISTERED"`);

    const third = shell([check, change, send], env);
    expect(await third.ended, third.output()).toBe(0);
    expect(third.output().match(/the platform knows [\w-]+: online/g)).toHaveLength(3);
    expect(third.output().match(/^-rw-------[.+]? .*\.auth_token$/gm)).toHaveLength(3);
    expect(third.output()).toContain(`queued for ${BIRCH}`);
    await expect.poll(runner.output, soon).toContain(`added ${DELTA}`);
    await expect.poll(runner.output, soon).toContain(`"workspace_id":"${DELTA}","code":"REGISTERED"`);
  }, 90_000);
});

describe("the README", () => {
  it("lists exactly the commands", async () => {
    const [, table = ""] =
      /^## Commands\n([\s\S]+?)\n\n[^|\n]/m.exec(await read("apps/heartbeat/README.md")) ?? [];
    const documented = [...table.matchAll(/^\| `heartbeat (\w+)/gm)].map(([, name]) => name);
    const help = spawnSync(process.execPath, [HEARTBEAT, "--help"], { encoding: "utf8" }).stdout;
    const [, commands = ""] = help.split("\nCommands:\n");
    const known = [...commands.matchAll(/^ {2}(\w+)/gm)].map(([, name]) => name);
    expect([...new Set(documented), "help"].sort()).toEqual(known.sort());
  });
});

describe("docs/command-line.md", () => {
  it("lists exactly the flags of all commands", async () => {
    const page = await read("docs/command-line.md");
    const rows = [...page.matchAll(/^\| `(--[a-z-]+)[^|]*\| ([a-z, ]+?) *\|/gm)];
    const documented = rows.flatMap(([, flag, commands = ""]) =>
      commands.split(", ").map((command) => `${command} ${flag}`),
    );
    const store = ["init", "import", "put", "reseal"].map((command) => `store ${command}`);
    const known = ["run", "status", "doctor", "send", "rotate", "proxy", "demo", ...store].flatMap(
      (command) =>
        flagsOf(command)
          .filter((flag) => flag !== "--help")
          .map((flag) => `${command} ${flag}`),
    );
    expect(documented.sort()).toEqual([...new Set(known)].sort());
  });

  it("lists exactly the exit codes", async () => {
    const rows = [...(await read("docs/command-line.md")).matchAll(/^\| (\d) \|/gm)];
    expect(rows.map(([, code]) => Number(code))).toEqual(Object.values(EXIT));
  });
});

describe("docs/monitoring.md", () => {
  it("lists exactly the metrics of a runner", async () => {
    const page = await read("docs/monitoring.md");
    const text = await createMetrics({
      workspaces: () => [],
      reloads: new ReloadState(virtualClock()),
      cluster: sharingRunner(),
    }).text();
    const known = [...text.matchAll(/^# TYPE (heartbeat_\w+)/gm)].map(([, name]) => name);
    const documented = [...page.matchAll(/^\| `(heartbeat_\w+)/gm)].map(([, name]) => name);
    expect(documented.sort()).toEqual([...new Set(known)].sort());
  });
});
