import { isAuthError } from "@x/auth-core";
import { Command } from "commander";
import { EXIT } from "./commands/exit-codes.ts";
import { type Flags, loadConfig } from "./config/config.ts";
import { ConfigError } from "./config/problems.ts";
import { version } from "./version.ts";

/** What each command needs is loaded when it runs: `--version` and a wrong flag answer at once. */
function createCli(): Command {
  const cli = new Command("heartbeat")
    .description("Registers a workspace with its platform, keeps its token, and keeps it alive.")
    .version(version)
    .showHelpAfterError("(heartbeat --help shows the commands, heartbeat run --help the flags of one)")
    .exitOverride();

  withConfigFlags(cli.command("run"))
    .description(
      "register, keep the token, send heartbeats; until SIGTERM or Ctrl-C. Exit 4: a token is lost",
    )
    .option("--interval <seconds>", "between two heartbeats, 5 to 300 (default: 30)")
    .option("--agent-card <path>", "a JSON file with the agent card (default: MOLECULE_AGENT_*)")
    .option(
      "--status-port <port>",
      "serve /health, /live and /metrics there, 0: on any free port (default: none)",
    )
    .option("--status-host <address>", "serve them on this IP address (default: 127.0.0.1)")
    .option("--quiet", "warnings and errors only, and no table")
    .option("--log-level <level>", "trace, debug, info, warn or error (default: info)")
    .action(async (flags: Flags) => {
      const config = await loadConfig(flags, process.env);
      const [{ run }, { openDisplay }] = await Promise.all([
        import("./commands/run.ts"),
        import("./observability/display.ts"),
      ]);
      const display = await openDisplay(config, process.env);
      process.exitCode = await run(config, flags, process.env, display);
    });

  withConfigFlags(cli.command("doctor"))
    .description("check the token, its file and the platform; changes nothing. Exit 0: fine, 1: a problem")
    .option("--json", "print the findings as JSON")
    .action(async ({ json, ...flags }: Flags & { json?: boolean }) => {
      const config = await loadConfig(flags, process.env);
      const { doctor } = await import("./commands/doctor/doctor.ts");
      process.exitCode = (await doctor(config, process.env, json === true)) ? EXIT.ok : EXIT.problem;
    });

  withConfigFlags(cli.command("send <workspace> <text>"))
    .description("send one message to another workspace, as this one. Exit 0: delivered or queued, 1: failed")
    .action(async (to: string, text: string, flags: Flags) => {
      const config = await loadConfig(flags, process.env);
      const { send } = await import("./commands/send.ts");
      process.exitCode = (await send(to, text, config, process.env)) ? EXIT.ok : EXIT.problem;
    });

  cli
    .command("demo")
    .description("a platform and three workspaces in this process, until Ctrl-C")
    .option("--once", "run it once, in under 20 s, and exit 0 if all checks passed")
    .action(async ({ once }: { once?: boolean }) => {
      const { demo } = await import("./commands/demo/demo.ts");
      process.exitCode = (await demo({ once: once === true })) ? EXIT.ok : EXIT.problem;
    });
  return cli;
}

function withConfigFlags(command: Command): Command {
  return command
    .option("--platform-url <url>", "base URL of the platform (default: PLATFORM_URL)")
    .option("--workspace-id <id>", "the workspace (default: WORKSPACE_ID); of a list, only this one")
    .option("--workspaces-file <path>", "a list of workspaces, as in MOLECULE_WORKSPACES (the default)")
    .option(
      "--configs-dir <path>",
      "where .auth_token is (default: CONFIGS_DIR, /configs, ~/.molecule-workspace)",
    );
}

/** Runs a command line; what goes wrong is printed, and becomes the exit code. */
export async function main(argv: readonly string[]): Promise<void> {
  try {
    await createCli().parseAsync(argv);
  } catch (error) {
    if (error instanceof ConfigError || isAuthError(error)) {
      console.error(error.message);
      process.exitCode = EXIT.usage;
    } else if (error instanceof Error && "exitCode" in error) {
      // Commander has said what is wrong; `--help` and `--version` end this way, too.
      process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    } else throw error;
  }
}
