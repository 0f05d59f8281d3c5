import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

/** `nobody`, because PostgreSQL refuses to run as root. */
export const NOBODY = 65_534;
export const isRoot = process.getuid?.() === 0;

/** How many characters of a program's error output to show. */
const COMPLAINT = 2_000;

/**
 * Runs a command until its standard input closes: when the process that started it ends in any way, the command is
 * stopped, and its directory deleted as far as this user may.
 */
const WHILE_OWNED = `exec 3<&0
directory=$1
shift
"$@" </dev/null 3<&- &
pid=$!
{ cat <&3 >/dev/null; kill -INT "$pid" 2>/dev/null; exit 0; } &
input=$!
exec 3<&-
wait "$pid"
code=$?
kill "$input" 2>/dev/null
wait "$input" && cd / && rm -rf "$directory" 2>/dev/null
exit "$code"`;

/** A PostgreSQL program, run as `nobody` if this process runs as root. */
export interface Program {
  readonly child: ChildProcess;
  /** The end of its standard error. */
  complaint(): string;
  /** Settles when it has exited. Rejects if it could not be started. */
  readonly ended: Promise<{ readonly code: number | null }>;
}

/** @param base the server's directory */
export function startProgram(
  base: string,
  command: readonly string[],
  options: { readonly isOwned?: boolean } = {},
): Program {
  const [name = "", ...args] = command;
  const program = join(base, "native", "bin", name);
  const library = join(base, "native", "lib");
  const [file, given] =
    options.isOwned === true
      ? ["/bin/sh", ["-c", WHILE_OWNED, "sh", base, program, ...args]]
      : [program, args];
  const child = spawn(file, given, {
    cwd: base,
    // Not the caller's environment: a `PGDATA` would select another server's data.
    env: { PATH: process.env.PATH, LC_ALL: "C", LD_LIBRARY_PATH: library, DYLD_LIBRARY_PATH: library },
    stdio: [options.isOwned === true ? "pipe" : "ignore", "ignore", "pipe"],
    // Ctrl-C in a terminal is for the caller, which shuts the server down.
    detached: true,
    ...(isRoot && { uid: NOBODY, gid: NOBODY }),
  });
  let text = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    text = `${text}${chunk}`.slice(-COMPLAINT);
  });
  const ended = once(child, "exit").then(([code]) => ({ code }));
  ended.catch(() => {});
  return { child, complaint: () => text.trim(), ended };
}
