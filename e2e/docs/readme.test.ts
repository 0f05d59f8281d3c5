import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { startEmulator } from "@x/emulator";
import ts from "typescript";
import { describe, expect, it } from "vitest";

const here = fileURLToPath(new URL(".", import.meta.url));
const readme = await readFile(new URL("../../README.md", import.meta.url), "utf8");
const examples = [...readme.matchAll(/^```ts\n(.+?)^```/gms)].map(([, code = ""]) => code);

describe("the README", () => {
  it("has an example for each package", () => {
    expect(examples).toHaveLength(3);
  });

  it.each(examples)("has examples that do what they say (%#)", async (code) => {
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
      if (code.includes("node:test")) expect(stdout).toMatch(/^# fail 0$/m);
    } finally {
      await emulator.close();
      await rm(configsDir, { recursive: true });
    }
  });
});
