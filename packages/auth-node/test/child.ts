import { type SpawnSyncOptionsWithStringEncoding, spawn, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** Children import the built package by name, so they start in its directory. */
const packageFolder = fileURLToPath(new URL("..", import.meta.url));

export const isRoot = process.getuid?.() === 0;

/** A user who owns nothing. */
export const NOBODY = 65_534;

/** Whether this machine allows mounts, in a mount namespace that ends with the child. */
export const canMount = succeeds(mounted("true"));

/** Whether an overlay of the root file system can be mounted. */
export const canOverlay = canMount && succeeds(mounted(overlay("true")));

export const hasPython = succeeds("python3 --version");

/** Creates a named pipe. */
export function makePipe(path: string): void {
  if (!succeeds('mkfifo "$0"', path)) throw new Error(`Cannot create a pipe at ${path}.`);
}

function succeeds(command: string, ...args: string[]): boolean {
  return spawnSync("sh", ["-ec", command, ...args]).status === 0;
}

/** A shell command that runs others in a separate mount namespace. */
function mounted(commands: string): string {
  return `exec unshare -m sh -ec '${commands.replaceAll("'", "'\\''")}'`;
}

interface Result {
  status: number | null;
  signal: string | null;
  output: (string | null)[];
}

interface Circumstances {
  /** The user to switch to once everything is imported, which that user may not be able to read. */
  readonly uid?: number | undefined;
  readonly umask?: number;
  readonly env?: NodeJS.ProcessEnv;
}

/**
 * Runs a module that can import the package, and returns what it passes to `answer`, which does not use stdout: tokens
 * must not be printed there.
 */
export function runModule(script: string, circumstances: Circumstances = {}) {
  return finish(spawnSync(process.execPath, nodeArgs(script, circumstances), options(circumstances.env)));
}

/** A module's beginning: the `storage` of a directory `configsDir`, and its `events` so far. */
export const storageIn = (configsDir: string): string => `
  import fs from "node:fs";
  import { fileTokenStorage, inspectTokenFile } from "@x/auth-node";
  const configsDir = ${JSON.stringify(configsDir)};
  const events = [];
  const storage = fileTokenStorage({ configsDir, onEvent: (event) => events.push(event) });`;

/** Runs shell commands in a separate mount namespace; `RUN` is the one that runs the module in it. */
export function runMounted(commands: string, script: string) {
  const env = { NODE: process.execPath, SCRIPT: `${ANSWER}${script}` };
  return finish(spawnSync("sh", ["-ec", mounted(commands)], options(env)));
}

/** Runs the module in a process that may open so many files. */
export function runWithFiles(count: number, script: string) {
  const env = { NODE: process.execPath, SCRIPT: `${ANSWER}${script}` };
  return finish(spawnSync("sh", ["-ec", `ulimit -n ${count}; exec ${RUN}`], options(env)));
}

/** Uses a third pipe, beside stdout and stderr. */
const ANSWER =
  'import { writeSync } from "node:fs"; const answer = (found) => writeSync(3, JSON.stringify(found));';

/** The shell command that runs `runMounted`'s module. */
export const RUN = '"$NODE" --input-type=module --eval "$SCRIPT"';

/** Shell commands that run `command` in an overlay of the root file system. */
export function overlay(command: string): string {
  return `
    d=$(mktemp -d); mount -t tmpfs none "$d"; mkdir "$d/upper" "$d/work" "$d/root"
    mount -t overlay -o "lowerdir=/,upperdir=$d/upper,workdir=$d/work" overlay "$d/root"
    mkdir -p "$d/root/configs"
    chroot "$d/root" sh -ec 'cd "$0"; ${command}' "$PWD"`;
}

/** Starts a module that runs until it is killed. */
export function startModule(script: string, circumstances: Circumstances) {
  return spawn(process.execPath, nodeArgs(script, circumstances), {
    cwd: packageFolder,
    env: cleanEnv({}),
    stdio: ["ignore", "pipe", "inherit"],
  });
}

function nodeArgs(script: string, { uid, umask }: Circumstances): string[] {
  const become =
    uid === undefined ? "" : `process.setgroups([]); process.setgid(${uid}); process.setuid(${uid});`;
  const mask = umask === undefined ? "" : `process.umask(${umask});`;
  // Imports are evaluated first, wherever they are.
  return ["--input-type=module", "--eval", `${ANSWER}${become}${mask}${script}`];
}

function options(env: NodeJS.ProcessEnv = {}): SpawnSyncOptionsWithStringEncoding {
  return {
    cwd: packageFolder,
    env: cleanEnv(env),
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe", "pipe"],
    timeout: 15_000,
  };
}

function cleanEnv(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { PATH, HOME, TMPDIR } = process.env;
  return { PATH, HOME, ...(TMPDIR !== undefined && { TMPDIR }), ...env };
}

function finish({ status, signal, output }: Result): unknown {
  const [, stdout, stderr, found] = output;
  if (status !== 0) throw new Error(`The child exited with ${status ?? signal}: ${stderr}${stdout}`);
  return JSON.parse(found ?? "");
}
