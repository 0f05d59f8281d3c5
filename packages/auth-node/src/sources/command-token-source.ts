import { basename, resolve } from "node:path";
import { AuthError, type TokenSource } from "@x/auth-core";
import { ownProperties } from "../own.ts";
import { outputOf } from "./output-of.ts";

/** How to run a command. */
export interface CommandTokenSourceOptions {
  /**
   * How long the command may take, in milliseconds, more than 0. An Auth waits at most `sourceTimeoutMs`, 5 s by default.
   *
   * @default 10000
   */
  readonly timeoutMs?: number;
  /** Its environment. @default process.env */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/**
 * A token source that runs a command, such as a password manager. Each read runs the command again, without a shell and
 * with empty standard input; its standard error is ignored, because it may contain a secret.
 *
 * Returns the output (at most 64 KiB), or `null` if that is blank. Reads reject with an AuthError
 * `STORAGE_READ_FAILED`, which names the command but not its arguments, if the command cannot be started, exits with a
 * code other than 0, prints too much, or takes too long; or with the signal's reason. The command is then killed.
 *
 * @param command a program's name, or its path; a relative path is resolved against the working directory now
 * @param args its arguments; the command resolves relative paths in them, against the working directory of each read
 * @throws TypeError unless `timeoutMs` is more than 0
 * @example
 * createNodeAuth({ fallback: [commandTokenSource("pass", ["show", "agent/token"])] });
 */
export function commandTokenSource(
  command: string,
  args: readonly string[] = [],
  options: CommandTokenSourceOptions = {},
): TokenSource {
  const { timeoutMs = 10_000, env = process.env } = ownProperties(options);
  if (!(timeoutMs > 0)) throw new TypeError("timeoutMs must be more than 0.");
  const location = `the command ${command}`;
  // Elsewhere, after `process.chdir`, the path may name another program.
  const program = basename(command) === command ? command : resolve(command);
  const failed = (why: string) =>
    new AuthError("STORAGE_READ_FAILED", `Could not read the token from ${location}: ${why}.`);

  return {
    location,
    async read({ signal } = {}) {
      const printed = await outputOf({ command: program, args, env, timeoutMs, signal, failed });
      return printed.trim() || null;
    },
  };
}
