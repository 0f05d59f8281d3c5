import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./workspace.ts";

export interface RunOptions {
  readonly cwd: string;
  /** The command's entire environment. Default: this process's. */
  readonly env?: NodeJS.ProcessEnv;
}

export interface Outcome {
  /** The exit code, or the signal that ended the process. */
  readonly code: number | string;
  readonly stdout: string;
  /** Its output, stdout and stderr together. */
  readonly output: string;
}

/** The longest command is a release, at about a minute. */
const TIMEOUT_MS = 300_000;

/** A command's stdout. Throws, with the end of the output, unless it exits with 0. */
export async function run(file: string, args: readonly string[], options: RunOptions): Promise<string> {
  const { code, stdout, output } = await outcome(file, args, options);
  if (code === 0) return stdout;
  const said = output.trimEnd().split("\n").slice(-40).join("\n");
  throw new Error(`${[file, ...args].join(" ")}\nended with ${code} in ${options.cwd}:\n${said}`);
}

/** How a command ended, and its output. Rejects if it could not be started. */
export function outcome(file: string, args: readonly string[], options: RunOptions): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const { cwd, env = process.env } = options;
    const child = spawn(file, args, {
      cwd,
      env,
      stdio: ["ignore", "pipe", "pipe"],
      timeout: TIMEOUT_MS,
      shell: file.endsWith(".cmd"),
    });
    let stdout = "";
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
      output += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code: code ?? signal ?? "nothing", stdout, output }));
  });
}

/** The command that starts this repository's pnpm: the one that started us, or the pinned one through npx. */
export function pnpmCommand(): readonly [string, ...string[]] {
  const { npm_execpath: parent = "" } = process.env;
  if (/pnpm\.c?js$/.test(parent)) return [process.execPath, parent];
  const { packageManager } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  return [process.platform === "win32" ? "npx.cmd" : "npx", "--yes", packageManager];
}

export function pnpm(args: readonly string[], options: RunOptions): Promise<string> {
  const [file, ...first] = pnpmCommand();
  return run(file, [...first, ...args], options);
}
