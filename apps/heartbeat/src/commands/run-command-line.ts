import type { Command } from "commander";
import { configure, withConfigFlags, withLogFlags, withStoreFlags } from "../command-line.ts";
import type { Flags } from "../config/config.ts";
import type { Screen } from "../observability/display.ts";
import { commandAfterDashes, withBesideFlags } from "./beside-options.ts";
import { runHelp } from "./run-help.ts";

export function addRunCommand(cli: Command, screen: Screen): void {
  withLogFlags(withStoreFlags(withBesideFlags(withConfigFlags(cli.command("run")))))
    .description(
      "register, keep the token, send heartbeats; until SIGTERM or Ctrl-C, or for as long as a command runs",
    )
    .option(
      "--workspace-url <url>",
      "the platform calls the workspace at this URL (push mode; default: a new one polls, a known one keeps its mode)",
    )
    .option(
      "--wait-for-token",
      "keep trying if the platform rejects the only workspace's token at the start (default: exit with 3)",
    )
    .option("--runner-name <name>", "a name for people (default: the host's name)")
    .option("--interval <seconds>", "time between two heartbeats, 5 to 300 (default: 30)")
    .option(
      "--on-message <command>",
      "run this for each message: it reads JSON from standard input, and its output is the answer",
    )
    .option(
      "--inbox-interval <seconds>",
      "time between two checks of a workspace's inbox, 1 to 300 (default: 5)",
    )
    .option("--message-timeout <seconds>", "time limit per message, up to a day (default: 300)")
    .option(
      "--message-concurrency <count>",
      "messages handled at once, 1 to 1024; one per workspace (default: 64)",
    )
    .option("--agent-card <path>", "a JSON file with the agent card (default: MOLECULE_AGENT_*)")
    .option(
      "--status-port <port>",
      "serve /health, /live and /metrics there, and answer heartbeat status; 0: any free port (default: none)",
    )
    .option("--status-host <address>", "serve them on this IP address (default: 127.0.0.1)")
    .option("--status-name <name>", "also answer under this host name; may be repeated", append)
    .option("--quiet", "warnings and errors only, and no table")
    .addHelpText("after", runHelp)
    .action(async (words: readonly string[], given: Flags) => {
      const command = commandAfterDashes(words, process.argv);
      const { flags, env, config } = await configure({ ...given, command }, screen);
      const [{ run }, { openDisplay }] = await Promise.all([
        import("./run.ts"),
        import("../observability/display.ts"),
      ]);
      const display = await openDisplay(config, env, screen);
      process.exitCode = await run(config, flags, env, display);
    });
}

const append = (name: string, names: readonly string[] = []) => [...names, name];
