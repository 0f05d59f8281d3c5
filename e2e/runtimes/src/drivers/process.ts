import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { compileFor } from "../build.ts";
import type { Outcomes } from "../suites.ts";
import type { Traits } from "../traits.ts";
import { type Runtime, server } from "./driver.ts";

const execute = promisify(execFile);
/** Inside this package, so that every runtime finds the built packages in its `node_modules`. */
const build = fileURLToPath(new URL("../../dist", import.meta.url));

interface Program {
  readonly name: string;
  readonly starter: "node" | "bun" | "deno";
  /** The program, and its arguments before the script. */
  readonly command: readonly [string, ...string[]];
  readonly traits?: Partial<Traits>;
}

/** A runtime that is a program: it receives the setting as an argument and prints the outcomes. */
export function program({ name, starter, command: [file, ...args], traits }: Program): Runtime {
  const own: Traits = { ...server, ...traits };
  return {
    name,
    traits: own,
    async start(where) {
      const script = `${build}/${starter}.mjs`;
      await mkdir(build, { recursive: true });
      await writeFile(script, await compileFor(starter));
      const version = await execute(file, ["--version"]);
      const setting = JSON.stringify({ ...where, traits: own });
      const { stdout } = await execute(file, [...args, script, setting], {
        maxBuffer: 2 ** 24,
        timeout: 120_000,
      });
      const outcomes: Outcomes = JSON.parse(stdout);
      return { version: /\d+\.\d+\.\d+/.exec(version.stdout)?.[0] ?? "unknown", outcomes };
    },
  };
}
