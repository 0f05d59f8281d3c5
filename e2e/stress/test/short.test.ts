import { spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, type TestContext, test } from "vitest";
import { EXPERIMENTS } from "../src/experiments.ts";
import { findAbilities } from "../src/fixtures/abilities.ts";
import { built } from "../src/folder.ts";
import { missed, type Report } from "../src/report/report.ts";

const abilities = findAbilities();

function temporaryDirectory({ onTestFinished }: TestContext): string {
  const path = fs.mkdtempSync(join(os.tmpdir(), "short-"));
  // The fixture user needs access.
  fs.chmodSync(path, 0o755);
  onTestFinished(() => fs.rmSync(path, { recursive: true, force: true }));
  return path;
}

/** Starts the program itself, with a private directory for its leftovers. */
function start(context: TestContext, args: readonly string[]) {
  const TMPDIR = temporaryDirectory(context);
  const child = spawn(process.execPath, [built("cli"), ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
    env: { ...process.env, TMPDIR },
  });
  context.onTestFinished(() => void child.kill("SIGTERM"));
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (output += text));
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  return { pid: child.pid ?? 0, ended, output: () => output, left: () => fs.readdirSync(TMPDIR) };
}

async function runExperiment(context: TestContext, experiment: string) {
  const out = temporaryDirectory(context);
  const run = start(context, ["--short", "--ours", "--experiment", experiment, "--out", out]);
  const status = await run.ended;
  const [report]: [Report] = JSON.parse(fs.readFileSync(join(out, "report.json"), "utf8"));
  return { status, report, output: run.output(), left: run.left() };
}

// They mostly wait for the disk.
describe.concurrent("nothing is lost", { timeout: 120_000 }, () => {
  for (const { id, title, needs } of EXPERIMENTS) {
    const missing = abilities.missing(needs);
    if (missing === "") {
      test(title, async (context) => {
        const { status, output, report, left } = await runExperiment(context, id);
        context.expect(report.broken).toEqual([]);
        context.expect(missed(report)).toEqual([]);
        context.expect(status, output).toBe(0);
        context.expect(report.findings.length + report.leftOut.length).toBeGreaterThan(0);
        context.expect(left).toEqual([]);
        // Parts of it may need more than this machine offers; report that.
        for (const what of report.leftOut) console.warn(`Skipped here: ${what}`);
      });
    } else {
      test(`${title}: is skipped here, and says so (it needs ${missing})`, async (context) => {
        const { status, output, report } = await runExperiment(context, id);
        context.expect(report.leftOut).toEqual([`${title}, which needs ${missing}`]);
        context.expect(output).toContain(missing);
        context.expect(report.findings).toEqual([]);
        context.expect(status).toBe(0);
      });
    }
  }
});

/** A killed process cannot clean up; the kernel does, in its private namespace. */
const signals = abilities.has("mounts")
  ? (["SIGTERM", "SIGINT", "SIGKILL"] as const)
  : (["SIGTERM", "SIGINT"] as const);

describe.concurrent("the program", () => {
  for (const signal of signals) {
    test(`leaves nothing behind after ${signal}`, async (context) => {
      const run = start(context, ["--ours", "--experiment", "kill,power"]);
      while (run.left().length < 3) await sleep(20);
      // A terminal signals the entire group; SIGKILL goes to one process.
      process.kill(signal === "SIGKILL" ? run.pid : -run.pid, signal);
      await run.ended;
      await context.expect.poll(run.left).toEqual([]);
    });
  }

  test("rejects an unknown experiment, and lists the known ones", async (context) => {
    const run = start(context, ["--experiment", "nonsense"]);
    context.expect(await run.ended).toBe(2);
    context.expect(run.output()).toContain("kill, readers, power");
  });
});
