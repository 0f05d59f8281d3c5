import { spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { beforeAll, describe, expect, it } from "vitest";
import { EXIT } from "../src/commands/exit-codes.ts";
import { HEARTBEAT } from "./processes.ts";

it.each(["--version", "-V"])("heartbeat %s prints the version of the package", async (flag) => {
  const { version } = JSON.parse(await readFile(new URL("../package.json", import.meta.url), "utf8"));
  const { status, stdout, stderr } = spawnSync(process.execPath, [HEARTBEAT, flag], { encoding: "utf8" });
  expect({ status, stdout, stderr }).toEqual({ status: EXIT.ok, stdout: `${version}\n`, stderr: "" });
});

describe("heartbeat run --help", () => {
  let help = "";
  let page = "";
  beforeAll(async () => {
    help = spawnSync(process.execPath, [HEARTBEAT, "run", "--help"], { encoding: "utf8" }).stdout;
    page = await readFile(new URL("../../../docs/command-line.md", import.meta.url), "utf8");
  });
  const section = (title: string) => help.split(`\n${title}:\n`)[1]?.split("\n\n")[0] ?? "";

  it("names every environment variable of docs/command-line.md", () => {
    const [, table = ""] = /^\| environment variable +\|[^\n]*\n\|[^\n]*\n((?:\|.*\n)+)/m.exec(page) ?? [];
    const [, flags = ""] = /^\| flag +\|[^\n]*\n\|[^\n]*\n((?:\|.*\n)+)/m.exec(page) ?? [];
    const ofFlags = flags
      .split("\n")
      .filter((row) => /\| run\b/.test(row))
      .join("\n");
    const documented = [...`${table}${ofFlags}`.matchAll(/`([A-Z][A-Z_]{4,})`/g)].map(
      ([, name = ""]) => name,
    );
    expect(documented.length).toBeGreaterThan(15);
    const listed = section("Environment variables");
    expect(documented.filter((name) => !listed.includes(name))).toEqual([]);
  });

  it("explains each of its own exit codes", () => {
    const codes = [...section("Exit codes").matchAll(/^ {2}(\d) {2}\S/gm)].map(([, code]) => Number(code));
    expect(codes).toEqual([EXIT.ok, EXIT.problem, EXIT.usage, EXIT.rejected, EXIT.unsaved]);
  });

  it("fits into a terminal", () => {
    const long = help.split("\n").filter((line) => line.length > 80);
    expect(long).toEqual([]);
  });
});

describe.each([
  [["doctor"], "MOLECULE_WORKSPACE_TOKEN_FILE", ["0", "1", "2"]],
  [["send"], "PLATFORM_URL", ["0", "1", "2", "6", "7"]],
  [["rotate"], "HTTPS_PROXY", ["0", "1", "2", "4", "5"]],
  [["proxy"], "HEARTBEAT_STORE", ["0", "1", "2"]],
  [["demo"], "", ["0", "1", "2"]],
  [["status"], "", ["0", "1", "2"]],
  [["store", "init"], "HEARTBEAT_STORE", ["0", "1", "2"]],
  [["store", "import"], "CONFIGS_DIR", ["0", "1", "2"]],
  [["store", "put"], "HEARTBEAT_STORE_KEY_FILE", ["0", "1", "2"]],
  [["store", "reseal"], "HEARTBEAT_STORE", ["0", "1", "2"]],
])("heartbeat %j --help", (command, variable, codes) => {
  it("says which environment variables it reads, and what its exit codes mean", () => {
    const { stdout } = spawnSync(process.execPath, [HEARTBEAT, ...command, "--help"], { encoding: "utf8" });
    const [, variables = "", listed = ""] =
      /(?:\nEnvironment variables:\n(.*?)\n)?\nExit codes:\n(.*)/s.exec(stdout) ?? [];
    expect(variables).toContain(variable);
    expect([...listed.matchAll(/^ {2}(\d) {2}\S/gm)].map(([, code]) => code)).toEqual(codes);
    expect(stdout.split("\n").filter((line) => line.length > 80)).toEqual([]);
  });
});

it.each([
  ["nothing", "heartbeat"],
  ["status --prot 1", "heartbeat status"],
  ["store put", "heartbeat store put"],
])("heartbeat %s is an error that names the help of %s", (line, name) => {
  const { stderr, status } = spawnSync(process.execPath, [HEARTBEAT, ...line.split(" ")], {
    encoding: "utf8",
  });
  expect(stderr).toMatch(/^error: /);
  expect(stderr).toContain(`(${name} --help shows how to use it)`);
  expect(status).toBe(2);
});
