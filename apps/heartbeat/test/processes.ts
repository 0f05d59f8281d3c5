import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished } from "vitest";
import { unknownLines } from "./catalogued.ts";

const HEARTBEAT = fileURLToPath(new URL("../bin/heartbeat.mjs", import.meta.url));
const EMULATOR = fileURLToPath(new URL("../../emulator/bin/emulator.mjs", import.meta.url));

/** A separate process, ended with the test. */
export interface Running {
  readonly child: ChildProcess;
  /** Its output so far, on both streams. */
  output(): string;
  /** Waits until its output matches. */
  printed(pattern: RegExp): Promise<RegExpMatchArray>;
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<number | string | null>;
}

/** Runs it as a user other than that of the tests. */
type User = Pick<SpawnOptions, "uid" | "gid">;

export const heartbeat = (args: readonly string[], env: Record<string, string>, user: User = {}) =>
  start(HEARTBEAT, args, { env, ...user });
export const emulator = (...args: readonly string[]) =>
  start(EMULATOR, ["--port", "0", ...args], { env: {} });

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

function start(
  file: string,
  args: readonly string[],
  { env, ...user }: User & { readonly env: Record<string, string> },
): Running {
  // The machine's own configuration must not reach it, except for collecting the output of all tests.
  const { PATH = "", COLLECTED_OUTPUT, NODE_OPTIONS } = process.env;
  const collector = COLLECTED_OUTPUT === undefined ? {} : { COLLECTED_OUTPUT, NODE_OPTIONS };
  const child = spawn(process.execPath, [file, ...args], { env: { PATH, ...collector, ...env }, ...user });
  let output = "";
  const listeners = new Set<() => void>();
  const take = (chunk: Buffer) => {
    output += chunk.toString("utf8");
    for (const listener of [...listeners]) listener();
  };
  child.stdout.on("data", take);
  child.stderr.on("data", take);
  const ended = new Promise<number | string | null>((resolve) => {
    child.on("close", (code, signal) => resolve(code ?? signal));
  });
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await ended;
    expect(unknownLines(output), "log lines that are missing from docs/events.md").toEqual([]);
  });
  return {
    child,
    ended,
    output: () => output,
    printed(pattern) {
      return new Promise((resolve, reject) => {
        const check = () => {
          const found = output.match(pattern);
          if (found === null) return;
          listeners.delete(check);
          resolve(found);
        };
        listeners.add(check);
        void ended.then((code) => reject(new Error(`ended with ${code} before ${pattern}:\n${output}`)));
        check();
      });
    },
  };
}
