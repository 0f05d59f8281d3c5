import { type SpawnOptions, spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished } from "vitest";
import { unknownLines } from "./catalogued.ts";
import { temporaryDirectory } from "./support/directory.ts";

export const HEARTBEAT = fileURLToPath(new URL("../bin/heartbeat.mjs", import.meta.url));
const EMULATOR = fileURLToPath(new URL("../../emulator/bin/emulator.mjs", import.meta.url));

interface LogLine {
  readonly level: string;
  readonly code: string;
  readonly msg: string;
  readonly workspace_id?: string;
}

export type Running = ReturnType<typeof startProgram>;

/** What a command that ends by itself has printed, on both streams, and its exit code. */
export interface Outcome {
  readonly code: number | string | null;
  readonly output: string;
}

/** Runs it as a user other than that of the tests. */
type User = Pick<SpawnOptions, "uid" | "gid">;

export const heartbeat = (args: readonly string[], env: Record<string, string>, user: User = {}) =>
  startProgram([process.execPath, HEARTBEAT, ...args], { env, ...user });

/** Runs `heartbeat` to its end, with a text on its standard input if given. */
export async function outcomeOf(
  args: readonly string[],
  env: Record<string, string>,
  { input, ...user }: User & { readonly input?: string | undefined } = {},
): Promise<Outcome> {
  const running = heartbeat(args, env, user);
  running.child.stdin?.end(input);
  return { code: await running.ended, output: running.output() };
}

/** The outcome with this exit code, and with this text in its output. */
export const outcome = (code: number, text: string | RegExp): Outcome => ({
  code,
  output: typeof text === "string" ? expect.stringContaining(text) : expect.stringMatching(text),
});

/** Starts an emulator in another process, and returns its URL. */
export async function startEmulatorProcess(...args: readonly string[]): Promise<string> {
  const running = startProgram([process.execPath, EMULATOR, "--port", "0", ...args]);
  const [url] = await running.printed(/http:\/\/127\.0\.0\.1:\d+/);
  return url;
}

/** An emulator in another process, and the arguments and environment of a runner with these workspaces in a list. */
export async function listedFleet(ids: readonly string[]) {
  const dir = temporaryDirectory();
  const file = join(dir, "workspaces.json");
  await writeFile(file, JSON.stringify(ids.map((id) => ({ id }))));
  const url = await startEmulatorProcess();
  const args = ["run", "--interval", "5", "--workspaces-file", file];
  return { url, dir, file, args, env: { PLATFORM_URL: url, CONFIGS_DIR: dir } };
}

/** Sends a control request to the emulator. */
export async function control(url: string, path: string, body: object = {}): Promise<unknown> {
  const response = await fetch(`${url}/emulator/${path}`, { method: "POST", body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return response.json();
}

/** Rotates a token, then writes the new one into its file in place, as the platform's provisioner does. */
export async function rotate(url: string, id: string, file: string): Promise<void> {
  const { auth_token } = (await control(url, `workspaces/${id}/rotate`)) as { auth_token: string };
  await writeFile(file, auth_token);
}

interface ProgramOptions extends User, Pick<SpawnOptions, "stdio"> {
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts a program in a separate process, which ends with the test. */
export function startProgram(
  [program = "", ...args]: readonly string[],
  { env, ...options }: ProgramOptions = {},
) {
  // The machine's own configuration must not reach it, except for collecting the output of all tests.
  const { PATH = "", COLLECTED_OUTPUT, NODE_OPTIONS } = process.env;
  const collector = COLLECTED_OUTPUT === undefined ? {} : { COLLECTED_OUTPUT, NODE_OPTIONS };
  const child = spawn(program, args, { env: { PATH, ...collector, ...env }, ...options });
  const said = { output: "", stdout: "", stderr: "" };
  const listeners = new Set<() => void>();
  for (const name of ["stdout", "stderr"] as const)
    child[name]?.on("data", (chunk: Buffer) => {
      said[name] += chunk.toString("utf8");
      said.output += chunk.toString("utf8");
      for (const listener of [...listeners]) listener();
    });
  const ended = new Promise<number | string | null>((resolve) => {
    child.on("close", (code, signal) => resolve(code ?? signal));
  });
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await ended;
    expect(unknownLines(said.output), "log lines that are missing from docs/events.md").toEqual([]);
  });
  return {
    child,
    /** Its exit code, or the signal that ended it. */
    ended,
    /** Its output so far, on both streams. */
    output: () => said.output,
    /** Its output so far, on one of the streams. */
    stdout: () => said.stdout,
    stderr: () => said.stderr,
    /** The lines of JSON that it has logged so far. */
    logged: (): LogLine[] =>
      said.output.split("\n").flatMap((line) => (line.startsWith("{") ? [JSON.parse(line)] : [])),
    /** Sends it a signal, SIGTERM by default, and returns how it ended. */
    stop(signal: NodeJS.Signals = "SIGTERM") {
      child.kill(signal);
      return ended;
    },
    /** Waits until its output matches. */
    printed(pattern: RegExp) {
      return new Promise<RegExpMatchArray>((resolve, reject) => {
        const check = () => {
          const found = said.output.match(pattern);
          if (found === null) return;
          listeners.delete(check);
          resolve(found);
        };
        listeners.add(check);
        void ended.then((code) => reject(new Error(`ended with ${code} before ${pattern}:\n${said.output}`)));
        check();
      });
    },
  };
}
