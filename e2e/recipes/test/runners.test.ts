import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { startEmulator } from "@x/emulator";
import { expect, it, onTestFinished } from "vitest";
import { folder, recipe, recipes, write } from "../src/page.ts";
import { id } from "../src/platform.ts";

it("every TypeScript recipe compiles in strict mode", async () => {
  const files = recipes().flatMap((each) => (each.language === "ts" ? [write(each)] : []));
  expect(files.length).toBeGreaterThan(12);
  const config = join(folder, "tsconfig.json");
  const options = { module: "nodenext", moduleDetection: "force", types: ["node"], lib: ["ES2022", "DOM"] };
  const strict = { strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true };
  const compilerOptions = { ...options, ...strict, target: "es2022", skipLibCheck: true, noEmit: true };
  await writeFile(config, JSON.stringify({ compilerOptions, files }));
  const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc");
  const failure = await promisify(execFile)(process.execPath, [tsc, "-p", config]).catch((error) => error);
  expect(failure.stdout).toBe("");
}, 60_000);

/** The Jest recipe is run by `pnpm release:rehearse`, which installs Jest. */
it("the test for vitest passes against the emulator", async () => {
  const emulator = await startEmulator();
  onTestFinished(() => emulator.close());
  const file = write(recipe("vitest"));
  const vitest = join(dirname(createRequire(import.meta.url).resolve("vitest/package.json")), "vitest.mjs");
  // A separate project, without this repository's configuration.
  const config = join(folder, "vitest.config.mjs");
  await writeFile(config, "export default {};\n");
  const args = [vitest, "run", "--root", folder, "--config", config, file];
  const env = { PATH: process.env.PATH, PLATFORM_URL: emulator.url, NO_COLOR: "1" };
  const { stdout } = await promisify(execFile)(process.execPath, args, { env });
  expect(stdout).toMatch(/Tests +1 passed/);
  const answers = emulator.requests.filter(({ path }) => path.endsWith(`${id}/delegations`));
  expect(answers.map((answer) => answer.status)).toEqual([200, 401, 200]);
}, 60_000);
