import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { root } from "./workspace.ts";

export type Command = readonly [string, ...string[]];

/** A command's standard output. Throws, with all output, unless the command exits with 0 within five minutes. */
export async function run([file, ...args]: Command, cwd: string, env = process.env): Promise<string> {
  const options = { cwd, env, timeout: 300_000, maxBuffer: 2 ** 26, shell: file.endsWith(".cmd") };
  const { stdout } = await promisify(execFile)(file, args, options).catch((error) => {
    throw new Error(`in ${cwd}: ${error.message}\n${error.stdout}`);
  });
  return stdout;
}

/** This repository's pnpm: the one that started us, or the pinned one through npx. */
export function pnpm(...args: readonly string[]): Command {
  const { npm_execpath: parent = "" } = process.env;
  if (/pnpm\.c?js$/.test(parent)) return [process.execPath, parent, ...args];
  const { packageManager } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  return [process.platform === "win32" ? "npx.cmd" : "npx", "--yes", packageManager, ...args];
}
