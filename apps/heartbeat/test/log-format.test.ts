import { spawn } from "node:child_process";
import { closeSync, fstatSync, openSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { AGENT_7 } from "./ids.ts";
import { HEARTBEAT, heartbeat } from "./processes.ts";
import { temporaryDirectory } from "./support/directory.ts";

/** Nothing listens there. */
const configs = () => ({
  PLATFORM_URL: "http://127.0.0.1:9",
  WORKSPACE_ID: AGENT_7,
  CONFIGS_DIR: temporaryDirectory(),
});

/** What it logs into a file that is the journal according to `JOURNAL_STREAM`. */
async function intoJournal(args: readonly string[], stream: (own: string) => string): Promise<string[]> {
  const env = configs();
  const file = join(env.CONFIGS_DIR, "journal");
  const fd = openSync(file, "w");
  const { dev, ino } = fstatSync(fd, { bigint: true });
  const child = spawn(process.execPath, [HEARTBEAT, ...args], {
    env: { PATH: process.env.PATH, ...env, JOURNAL_STREAM: stream(`${dev}:${ino}`) },
    stdio: ["ignore", fd, fd],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  closeSync(fd);
  await expect.poll(() => readFile(file, "utf8"), { timeout: 20_000 }).toContain("REGISTER_FAILED");
  child.kill();
  await new Promise((resolve) => child.once("exit", resolve));
  return (await readFile(file, "utf8")).trim().split("\n");
}

it("is logfmt with the priorities of syslog in systemd's journal", async () => {
  const lines = await intoJournal(["run"], (own) => own);
  expect(lines[0]).toMatch(/^<6>time=\S+ level=info code=STARTED msg="keeping /);
  expect(lines.find((line) => line.includes("REGISTER_FAILED"))).toMatch(
    new RegExp(`^<4>time=\\S+ level=warn workspace_id=${AGENT_7} code=REGISTER_FAILED:ECONNREFUSED msg="`),
  );
});

it("follows --log-format there; JSON stays JSON", async () => {
  const pretty = await intoJournal(["run", "--log-format", "pretty"], (own) => own);
  expect(pretty[0]).toMatch(/^<6>\[\d\d:\d\d:\d\d\] INFO: keeping .* \(STARTED\)$/);
  const json = await intoJournal(["run", "--log-format", "json"], (own) => own);
  expect(JSON.parse(json[0] ?? "")).toMatchObject({ level: "info", code: "STARTED" });
});

it("is JSON in a file that is not the journal, whatever JOURNAL_STREAM is", async () => {
  for (const other of ["8:1", "", "journal"]) {
    const lines = await intoJournal(["run"], () => other);
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({ level: "info", code: "STARTED" });
  }
});

it("follows --log-format in heartbeat proxy, whose standard output is only its address", async () => {
  const env = configs();
  const socket = join(env.CONFIGS_DIR, "s");
  const running = heartbeat(["proxy", "--socket", socket, "--log-format", "logfmt"], env);
  await running.printed(
    new RegExp(`level=info workspace_id=${AGENT_7} code=PROXY_OPENED msg="requests to \\S+ are signed`),
  );
  const others = running
    .output()
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("time="));
  expect(others).toEqual([`unix:${socket}`]);
});
