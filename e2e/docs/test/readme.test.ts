import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { broken } from "@x/e2e-release/readme";
import { transpile } from "@x/e2e-release/type-check";
import { startEmulator } from "@x/emulator";
import { describe, expect, it } from "vitest";
import { allDocuments, root } from "../src/documents.ts";

/** Where the packages are found by their names. */
const here = fileURLToPath(new URL("..", import.meta.url));
const documents = allDocuments();
const examplesOf = (path: string) =>
  documents.find((document) => document.path === path)?.blocks.filter(({ language }) => language === "ts") ??
  [];
const examples = examplesOf("README.md").map(({ code }) => code);

describe("the README", () => {
  it("has an example for each package", () => {
    const packages = ["auth-core", "auth-node", "auth-browser", "auth-testing"];
    for (const name of packages) expect(examples.some((code) => code.includes(`@x/${name}`))).toBe(true);
  });

  it("has the browser's example from that package's README, which runs in Chromium", () => {
    const [tested] = examplesOf("packages/auth-browser/README.md");
    const [shown = ""] = examples.filter((code) => code.includes("auth-browser"));
    const lines = shown
      .split("\n")
      .filter((line) => line.includes("(") && !line.includes("createBrowserAuth"));
    for (const line of lines) expect(tested?.code).toContain(line);
    expect(lines.length).toBeGreaterThan(1);
  });

  it("has the table of runtimes that their last run wrote", async () => {
    const results = await readFile(join(root, "e2e/runtimes/RESULTS.md"), "utf8");
    const readme = documents.find(({ path }) => path === "README.md")?.text;
    expect(readme).toContain(results.slice(results.indexOf("| runtime")).trim());
  });

  it("is short enough to be read", () => {
    const readme = documents.find(({ path }) => path === "README.md")?.text ?? "";
    expect(readme.split("\n").length).toBeLessThan(250);
  });
});

/** Pages whose examples do what they say, each on its own, with a platform on this machine. */
const RUN = ["README.md", "docs/how-a-token-is-kept.md", "docs/coming-from-python.md"];
const inNode = RUN.flatMap(examplesOf).filter(({ code }) => !code.includes("auth-browser"));

it.each(inNode)(
  "the example at $location prints what its comments say",
  async ({ code, language }) => {
    const emulator = await startEmulator();
    const token = emulator.issue("agent-8");
    const configsDir = await mkdtemp(join(tmpdir(), "readme-"));
    try {
      const platform = { PLATFORM_URL: emulator.url, MOLECULE_WORKSPACE_TOKEN: token };
      const env = { PATH: process.env.PATH, CONFIGS_DIR: configsDir, ...platform };
      const args = ["--input-type=module", "--eval", transpile(code)];
      const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: here, env });
      if (code.includes("node:test")) expect(stdout).toMatch(/^. fail 0$/m);
      else expect(broken({ language, code }, stdout)).toBeNull();
    } finally {
      await emulator.close();
      await rm(configsDir, { recursive: true });
    }
  },
  60_000,
);
