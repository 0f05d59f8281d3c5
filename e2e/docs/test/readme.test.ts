import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { startEmulator } from "@x/emulator";
import ts from "typescript";
import { describe, expect, it } from "vitest";

const here = fileURLToPath(new URL(".", import.meta.url));
const root = fileURLToPath(new URL("../../", import.meta.url));
const readme = await readFile(`${root}README.md`, "utf8");
const examplesOf = (text: string) => [...text.matchAll(/^```ts\n(.+?)^```/gms)].map(([, code = ""]) => code);
const examples = examplesOf(readme);
const inNode = examples.filter((code) => !code.includes("auth-browser"));

describe("the README", () => {
  it("has an example for each package", () => {
    const packages = ["auth-core", "auth-node", "auth-browser", "auth-testing"];
    for (const name of packages) expect(examples.some((code) => code.includes(`@x/${name}`))).toBe(true);
  });

  it("has the browser's example from that package's README, which runs in Chromium", async () => {
    const [tested = ""] = examplesOf(await readFile(`${root}packages/auth-browser/README.md`, "utf8"));
    const [shown = ""] = examples.filter((code) => code.includes("auth-browser"));
    const lines = shown
      .split("\n")
      .filter((line) => line.includes("(") && !line.includes("createBrowserAuth"));
    for (const line of lines) expect(tested).toContain(line);
    expect(lines.length).toBeGreaterThan(1);
  });

  it("has the table of runtimes that their last run wrote", async () => {
    const results = await readFile(`${root}e2e/runtimes/RESULTS.md`, "utf8");
    expect(readme).toContain(results.slice(results.indexOf("| runtime")).trim());
  });

  it("leads to headings and files that exist", async () => {
    for (const [, path = "", heading] of readme.matchAll(/\]\((?!https?:)([^)#]+)(?:#([^)]+))?\)/g)) {
      const isFolder = (await stat(`${root}${path}`)).isDirectory();
      if (heading === undefined) continue;
      const text = await readFile(`${root}${path}${isFolder ? "/README.md" : ""}`, "utf8");
      const slugs = [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = ""]) =>
        title
          .toLowerCase()
          .replace(/[^\w\s-]/g, "")
          .replaceAll(" ", "-"),
      );
      expect(slugs).toContain(heading);
    }
  });

  it.each(inNode)("has examples that do what they say (%#)", async (code) => {
    const emulator = await startEmulator();
    emulator.issue("agent-8");
    const configsDir = await mkdtemp(`${tmpdir()}/readme-`);
    const { outputText } = ts.transpileModule(code, {
      compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
    });
    try {
      const env = { PATH: process.env.PATH, PLATFORM_URL: emulator.url, CONFIGS_DIR: configsDir };
      const run = promisify(execFile)(process.execPath, ["--input-type=module", "--eval", outputText], {
        cwd: here,
        env,
      });
      const { stdout } = await run;
      for (const [, said = ""] of code.matchAll(/console\.log\(.+\/\/ (.+)$/gm))
        expect(stdout).toContain(said);
      if (code.includes("node:test")) expect(stdout).toMatch(/^. fail 0$/m);
    } finally {
      await emulator.close();
      await rm(configsDir, { recursive: true });
    }
  });
});
