import { Command } from "commander";
import { type Flags, readConfig } from "./config/config.ts";
import { ConfigError } from "./config/problems.ts";

/** Exit codes: all is well, a problem was found, the configuration or the command line cannot be used. */
export const EXIT = { ok: 0, problem: 1, usage: 2 } as const;

declare const VERSION: string;

/** What each command needs is loaded when it runs: `--version` and a wrong flag answer at once. */
export function createCli(): Command {
  const cli = new Command("heartbeat")
    .description("Registers a workspace with its platform, keeps its token, and keeps it alive.")
    .version(VERSION)
    .showHelpAfterError("(heartbeat --help shows the commands, heartbeat run --help the flags of one)")
    .exitOverride();

  withConfigFlags(cli.command("run"))
    .description("register, keep the token, beat; until SIGTERM or Ctrl-C")
    .option("--interval <seconds>", "from one beat to the next, 5 to 300 (default: 30)")
    .action(async (flags: Flags) => {
      const config = readConfig(flags, process.env);
      const [{ run }, { createLogger }, { untilSignal }] = await Promise.all([
        import("./run.ts"),
        import("./log.ts"),
        import("./shutdown.ts"),
      ]);
      await untilSignal((stop) => run(config, process.env, createLogger(), stop));
    });

  withConfigFlags(cli.command("doctor"))
    .description("look at the token, its file and the platform; changes nothing. Exit 0: fine, 1: a problem")
    .option("--json", "print the findings as JSON")
    .action(async ({ json, ...flags }: Flags & { json?: boolean }) => {
      const config = readConfig(flags, process.env);
      const { doctor } = await import("./doctor/doctor.ts");
      process.exitCode = (await doctor(config, process.env, json === true)) ? EXIT.ok : EXIT.problem;
    });

  cli
    .command("demo")
    .description("a platform and three workspaces in this process: the whole story, until Ctrl-C")
    .option("--once", "tell it once, in under 20 s, and exit 0 if all of it happened")
    .action(async ({ once }: { once?: boolean }) => {
      const { demo } = await import("./demo/demo.ts");
      process.exitCode = (await demo({ once: once === true })) ? EXIT.ok : EXIT.problem;
    });
  return cli;
}

function withConfigFlags(command: Command): Command {
  return command
    .option("--platform-url <url>", "base URL of the platform (default: PLATFORM_URL)")
    .option("--workspace-id <id>", "the workspace (default: WORKSPACE_ID); of a list, only this one")
    .option(
      "--workspaces-file <path>",
      "a list of workspaces, as in MOLECULE_WORKSPACES (default: that variable)",
    )
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
    if (error instanceof ConfigError) {
      console.error(error.message);
      process.exitCode = EXIT.usage;
    } else if (error instanceof Error && "exitCode" in error) {
      // Commander has said what is wrong; `--help` and `--version` end this way, too.
      process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    } else throw error;
  }
}
