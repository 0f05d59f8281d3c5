import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import { describe, expect, it } from "vitest";
import { messageCommand } from "../src/commands/message-command.ts";
import type { InboxMessage } from "../src/workspace/inbox/message.ts";
import { temporaryDirectory } from "./support/directory.ts";

const MESSAGE: InboxMessage = {
  workspace_id: "w",
  message_id: "m",
  from: { kind: "user", id: null },
  text: "hi\nthere",
  parts: [{ kind: "text", text: "hi\nthere" }],
  received_at: "2026-05-01T00:00:00Z",
};
const TOKEN = "a-token-of-the-workspace-0123456789";

function run(command: string, env: Record<string, string> = {}) {
  const lines: string[] = [];
  const controller = new AbortController();
  const handler = messageCommand(command, { PATH: process.env.PATH, ...env });
  const done = Promise.resolve(
    handler(MESSAGE, { signal: controller.signal, log: (line) => lines.push(line) }),
  );
  return { done, lines, abort: (reason?: string) => controller.abort(reason) };
}

const OPENS_TOO_MANY_FILES = `
import fs from "node:fs";
import { messageCommand } from "./command.mjs";
const open = [];
const signal = new AbortController().signal;
try {
  for (;;) open.push(fs.openSync("/dev/null"));
} catch {}
const failed = await messageCommand("echo fine", {})({}, { signal, log() {} }).catch((error) => error);
for (const fd of open) fs.closeSync(fd);
await new Promise(setImmediate);
console.log(failed.message);
`;

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

describe("a command for messages", () => {
  it("receives the message as one line of JSON on its standard input", async () => {
    expect(JSON.parse(String(await run("head -n 1").done))).toEqual(MESSAGE);
  });

  it.each([
    ["without the line break that ends it", "printf 'one\\n\\ntwo\\n'", "one\n\ntwo"],
    ["with just a line break", "echo", "\n"],
    ["even if it does not read its input", "exec 0<&-; echo fine", "fine"],
    ["and nothing when it prints nothing", "cat > /dev/null", ""],
    ["even if its child process continues and holds its output open", "sleep 60 & echo fine", "fine"],
    ["even if it closes its output long before it exits", "echo fine; exec >&-; sleep 0.2", "fine"],
  ])("answers with its output, %s", async (_, command, answer) => {
    expect(await run(command).done).toBe(answer);
  });

  it("fails when too many files are open, without ending the process", async () => {
    const directory = temporaryDirectory();
    const script = join(directory, "script.mjs");
    await writeFile(script, OPENS_TOO_MANY_FILES);
    await build({
      entryPoints: [fileURLToPath(new URL("../src/commands/message-command.ts", import.meta.url))],
      bundle: true,
      format: "esm",
      platform: "node",
      outfile: join(directory, "command.mjs"),
    });
    const limited = ["-c", 'ulimit -n 64; exec "$0" "$1"', process.execPath, script];
    const { stdout } = await promisify(execFile)("sh", limited);
    expect(stdout).toBe("it could not be started: spawn /bin/sh EMFILE\n");
  });

  it.each([
    ["with a code other than 0", "echo half; exit 3", "exited with 3"],
    ["by a signal", "kill -9 $$", "SIGKILL"],
    ["because there is no such command", "no-such-command-here", "exited with 127 (there is no such command"],
    ["because it is not executable", "/etc/passwd", "exited with 126 (there is such a file"],
    ["with too much output", "head -c 2000000 /dev/zero", "more than 1024 KiB"],
  ])("fails when it ends %s", async (_, command, why) => {
    await expect(run(command).done).rejects.toThrow(why);
  });

  it("has all environment variables except those with tokens", async () => {
    const env = {
      MOLECULE_WORKSPACE_TOKEN: TOKEN,
      MOLECULE_WORKSPACE_TOKEN_FILE: "/run/token",
      MOLECULE_WORKSPACES: `[{"id":"a","token":"${TOKEN}"}]`,
      COPY: `Bearer ${TOKEN}`,
      PLATFORM_URL: "https://platform.example",
    };
    const answer = String(await run("env", env).done);
    expect(answer).not.toMatch(/MOLECULE|COPY/);
    expect(answer).not.toContain(TOKEN);
    expect(answer).toContain("PLATFORM_URL=https://platform.example");
  });

  it("logs its standard error line by line", async () => {
    const { done, lines } = run("printf 'one\\ntwo\\nthr' >&2; echo answer");
    expect(await done).toBe("answer");
    expect(lines).toEqual(["one", "two", "thr"]);
  });

  it("is terminated with its children at its timeout, and killed if it ignores that", async () => {
    const dir = temporaryDirectory();
    const command = `trap '' TERM; (trap '' TERM; sleep 60) & echo $! > ${dir}/child; echo $$ > ${dir}/shell; wait; sleep 60`;
    const { done, abort } = run(command);
    const pidIn = async (name: string) => Number(await readFile(join(dir, name), "utf8").catch(() => ""));
    await expect.poll(() => pidIn("shell")).toBeGreaterThan(0);
    abort("stopping");
    await expect(done).rejects.toThrow("SIGKILL");
    const child = await pidIn("child");
    await expect.poll(() => isAlive(child)).toBe(false);
  });
});
