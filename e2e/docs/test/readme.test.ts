import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { broken } from "@x/e2e-release/readme";
import { transpile } from "@x/e2e-release/type-check";
import { startEmulator, workspaceId } from "@x/emulator";
import { describe, expect, it, onTestFinished } from "vitest";
import { allDocuments } from "../src/documents.ts";

/** Resolves the packages by name. */
const here = fileURLToPath(new URL("..", import.meta.url));
const documents = allDocuments();
const examplesOf = (path: string) =>
  documents.find((document) => document.path === path)?.blocks.filter(({ language }) => language === "ts") ??
  [];
const examples = examplesOf("README.md").map(({ code }) => code);

describe("the README", () => {
  it("fits on one screen", () => {
    const readme = documents.find(({ path }) => path === "README.md")?.text ?? "";
    expect(readme.split("\n").length).toBeLessThan(100);
  });
});

/** Pages whose examples run as written, each in isolation, with a platform on this machine. */
const RUN = ["README.md", "docs/how-a-token-is-kept.md", "docs/coming-from-python.md"];
const inNode = RUN.flatMap(examplesOf).filter(({ code }) => !code.includes("auth-browser"));

/** A platform, and a directory for the token in which scripts resolve the packages by name. */
async function setUp() {
  const emulator = await startEmulator();
  const token = emulator.issue(workspaceId("agent-8"));
  const configsDir = await mkdtemp(join(tmpdir(), "readme-"));
  onTestFinished(async () => {
    await emulator.close();
    await rm(configsDir, { recursive: true });
  });
  const platform = { PLATFORM_URL: emulator.url, MOLECULE_WORKSPACE_TOKEN: token };
  const env = { PATH: process.env.PATH, CONFIGS_DIR: configsDir, ...platform };
  const run = (code: string) =>
    promisify(execFile)(process.execPath, ["--input-type=module", "--eval", transpile(code)], {
      cwd: here,
      env,
    });
  return { emulator, run };
}

it.each(inNode)(
  "the example at $location prints what its comments say",
  async ({ code, language }) => {
    const { run } = await setUp();
    const { stdout } = await run(code);
    if (code.includes("node:test")) expect(stdout).toMatch(/^. fail 0$/m);
    else expect(broken({ language, code }, stdout)).toBeNull();
  },
  60_000,
);

it("the first example survives a rotation, in the same process", async () => {
  const { emulator, run } = await setUp();
  // As a provisioner does: revoke the old token, then rewrite the file.
  const rotation = `
    const path = "/emulator/workspaces/" + id + "/rotate";
    const rotated = await fetch(process.env.PLATFORM_URL + path, { method: "POST" });
    const { writeFile } = await import("node:fs/promises");
    await writeFile(process.env.CONFIGS_DIR + "/.auth_token", (await rotated.json()).auth_token);
    const last = await platform("/workspaces/" + id + "/delegations");
    console.log("after the rotation:", last.status);`;
  const [first = ""] = examples;
  const { stdout } = await run(first + rotation);
  expect(stdout).toContain("after the rotation: 200");
  expect(emulator.requests.filter(({ status }) => status === 401)).toHaveLength(1);
}, 60_000);
