import { type Command, InvalidArgumentError } from "commander";
import { ConfigError } from "../config/problems.ts";

/** The flags of `run` for what runs next to the heartbeats. */
export function withBesideFlags(command: Command): Command {
  return command
    .argument(
      "[command...]",
      "after --: a program and its arguments. It starts once the workspace is registered and receives the runner's " +
        "signals; its exit code becomes the runner's, and the log goes to standard error. MOLECULE_WORKSPACE_TOKEN_FILE " +
        "names its token's file, HEARTBEAT_PROXY_SOCKET a socket that signs its requests",
    )
    .option(
      "--restart <when>",
      "restart the command when it ends: no, on-failure or always (default: no)",
      restart,
    )
    .option("--token-env", "also pass the command its token in MOLECULE_WORKSPACE_TOKEN")
    .option(
      "--proxy-socket <path>",
      "sign requests of other programs on this Unix socket, which only this user can open (0600): see heartbeat proxy",
    );
}

function restart(text: string): string {
  if (["no", "on-failure", "always"].includes(text)) return text;
  throw new InvalidArgumentError("It must be no, on-failure or always.");
}

/**
 * The arguments after `--`. Without the separator, a mistyped word would run as a command; with nothing after it, as an
 * unset variable leaves it, the agent would not run.
 *
 * @throws ConfigError
 */
export function commandAfterDashes(words: readonly string[], argv: readonly string[]): readonly string[] {
  const at = argv.indexOf("--");
  if (words.length === 0 && at >= 0) throw new ConfigError(["write a command after --, or leave -- out."]);
  if (words.length > 0 && (at < 0 || argv.length - at - 1 !== words.length))
    throw new ConfigError([`"${words[0]}": write -- before the command: heartbeat run -- <command>.`]);
  return words;
}
