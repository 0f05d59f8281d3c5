import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createAuth, memoryTokenStorage } from "@x/auth-core";
import { expect, it, onTestFinished, vi } from "vitest";
import { runWithFiles } from "../../test/child.ts";
import { type CommandTokenSourceOptions, commandTokenSource } from "./command-token-source.ts";

const TOKEN = "the-token-of-a-password-manager";
const SECRET = "an-argument-that-is-a-secret";

/** A command that runs this script. */
const script = (code: string, options?: CommandTokenSourceOptions) =>
  commandTokenSource(process.execPath, ["-e", code, SECRET], options);

const failed = (why: string) => ({ code: "STORAGE_READ_FAILED", message: expect.stringContaining(why) });

/** A zombie (ended, but still in its parent's process table) counts as ended. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  try {
    return !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return process.platform !== "linux";
  }
}

it("returns the command's output, run again on each read, and null if it is blank", async () => {
  expect(await script(`console.log("  ${TOKEN}\\n")`).read()).toBe(TOKEN);
  expect(await script("").read()).toBeNull();
  const time = script("console.log(process.hrtime.bigint())");
  expect(await time.read()).not.toBe(await time.read());
});

it.each([
  ["exits with a code other than 0", `console.log("${TOKEN}"); process.exitCode = 3`, "it ended with code 3"],
  ["is killed", "process.kill(process.pid, 'SIGTERM')", "it was ended by SIGTERM"],
  ["prints endlessly", "for (;;) require('fs').writeSync(1, 'x'.repeat(9999))", "it printed more than"],
])("rejects if it %s, and contains no secret", async (_what, code, why) => {
  const error = await Promise.resolve(script(`console.error("${TOKEN}");${code}`).read()).catch(
    (thrown) => thrown,
  );
  expect(error).toMatchObject(failed(why));
  expect(`${error.stack}${JSON.stringify(error)}`).not.toMatch(new RegExp(`${TOKEN}|${SECRET}`));
});

it("stays the program that its relative path named, wherever the process goes", async () => {
  const from = process.cwd();
  const [here, there] = ["here", "there"].map((name) => mkdtempSync(join(tmpdir(), name))) as [
    string,
    string,
  ];
  onTestFinished(() => {
    process.chdir(from);
    for (const path of [here, there]) rmSync(path, { recursive: true });
  });
  writeFileSync(join(here, "print"), `#!/bin/sh\necho ${TOKEN}\n`, { mode: 0o700 });
  writeFileSync(join(there, "print"), "#!/bin/sh\necho another-program\n", { mode: 0o700 });
  process.chdir(here);
  const [relative, named] = [commandTokenSource("./print"), commandTokenSource("echo", ["named"])];
  process.chdir(there);
  expect([await relative.read(), await named.read()]).toStrictEqual([TOKEN, "named"]);
  expect(relative.location).toBe("the command ./print");
});

it("rejects if there is no such command", async () => {
  await expect(commandTokenSource("no-such-command-here").read()).rejects.toMatchObject(
    failed("not installed"),
  );
});

it("may take as long as it likes with an infinite timeout", async () => {
  expect(await script(`console.log("${TOKEN}")`, { timeoutMs: Number.POSITIVE_INFINITY }).read()).toBe(TOKEN);
});

it.each([0, -1, Number.NaN])("takes no time limit of %d", (timeoutMs) => {
  expect(() => script("", { timeoutMs })).toThrow("timeoutMs must be more than 0.");
});

it("times out if a process it started keeps its output open", async () => {
  const code = `
    const { spawn } = require("node:child_process");
    spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: ["ignore", "inherit", "ignore"] }).unref();`;
  await expect(script(code, { timeoutMs: 500 }).read()).rejects.toMatchObject(failed("within 500 ms"));
});

it("is killed on a timeout, with the processes it started", async () => {
  const file = join(mkdtempSync(join(tmpdir(), "command-")), "pid");
  onTestFinished(() => rmSync(dirname(file), { recursive: true }));
  const waiting = "setInterval(() => {}, 1000)";
  const code = `
    const { pid } = require("child_process").spawn(process.execPath, ["-e", "${waiting}"], { stdio: "inherit" });
    require("fs").writeFileSync(${JSON.stringify(file)}, String(pid));
    ${waiting}`;
  await expect(script(code, { timeoutMs: 2_000 }).read()).rejects.toMatchObject(failed("within 2000 ms"));
  const pid = Number(readFileSync(file, "utf8"));
  await vi.waitFor(() => expect(isRunning(pid)).toBe(false), 5_000);
});

it("names a command that cannot be started, without its arguments", async () => {
  const error = await Promise.resolve(commandTokenSource("true", [`${SECRET}\0`]).read()).catch(
    (thrown) => thrown,
  );
  expect(error).toMatchObject(failed("it cannot be started (ERR_INVALID_ARG_VALUE)"));
  expect(`${error.stack}${JSON.stringify(error)}`).not.toContain(SECRET);
});

it("ends with the signal's reason", async () => {
  const control = new AbortController();
  const read = script("setInterval(() => {}, 1000)").read({ signal: control.signal });
  control.abort(new Error("enough"));
  await expect(read).rejects.toThrow("enough");
  await expect(script("").read({ signal: control.signal })).rejects.toThrow("enough");
});

it("works as a fallback of an Auth, also after a 401", async () => {
  const auth = createAuth({
    storage: memoryTokenStorage("a-token-that-is-rejected"),
    platformUrl: "https://platform.example",
    fallback: [script(`console.log("${TOKEN}")`)],
  });
  const fresh = await auth.recover(await auth.authHeaders());
  expect(fresh?.Authorization).toBe(`Bearer ${TOKEN}`);
});

it("fails when too many files are open, without ending the process", () => {
  const code = `
    import fs from "node:fs";
    import { commandTokenSource } from "@x/auth-node";
    const open = [];
    try {
      for (;;) open.push(fs.openSync("/dev/null"));
    } catch {}
    const error = await commandTokenSource("echo", ["fine"]).read().catch((failure) => failure);
    for (const fd of open) fs.closeSync(fd);
    await new Promise(setImmediate);
    answer(error.message);`;
  expect(runWithFiles(64, code)).toContain("it cannot be started (EMFILE)");
});
