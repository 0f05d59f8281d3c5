import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import budget from "../.size-limit.js";

const here = fileURLToPath(new URL("..", import.meta.url));
const command = join(createRequire(import.meta.url).resolve("size-limit/package.json"), "../bin.js");

interface Size {
  readonly name: string;
  readonly size: number;
  readonly passed: boolean;
}

it("an application's bundle stays within its budget", async () => {
  // Exits with 1 if something is too large, and still prints all sizes.
  const { stdout } = await promisify(execFile)(process.execPath, [command, "--json"], { cwd: here }).catch(
    (error: { stdout: string }) => error,
  );
  const sizes: Size[] = JSON.parse(stdout);
  expect(sizes).toHaveLength(budget.length);
  expect(sizes.filter(({ passed }) => !passed).map(({ name, size }) => `${name}: ${size} bytes`)).toEqual([]);
});
