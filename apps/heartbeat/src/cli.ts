import { isAuthError } from "@x/auth-core";
import { dropWhatIsNotRead, takeOverOutput } from "@x/emulator/output";
import { Command } from "commander";
import { configure, withConfigFlags, withLogFlags, withStoreFlags } from "./command-line.ts";
import { demoHelp, doctorHelp, proxyHelp, rotateHelp, sendHelp } from "./commands/command-help.ts";
import { EXIT } from "./commands/exit-codes.ts";
import { isPrinted, reported } from "./commands/printed.ts";
import type { RotateFlags } from "./commands/rotate/rotate.ts";
import { addRunCommand } from "./commands/run-command-line.ts";
import type { SendRequest } from "./commands/send/send.ts";
import { endProcess, isFileCallStuck } from "./commands/shutdown.ts";
import { addStatusCommand } from "./commands/status/command-line.ts";
import { addStoreCommands } from "./commands/store/command-line.ts";
import type { Flags } from "./config/config.ts";
import { ConfigError } from "./config/problems.ts";
import type { ProxyFlags } from "./config/proxy-flags.ts";
import type { Screen } from "./observability/display.ts";
import { createKnownTokens } from "./observability/known-tokens.ts";
import { version } from "./version.ts";

type SendFlags = Pick<SendRequest, "messageId" | "wait">;

/** Each command's modules load when it runs, so that a wrong flag is reported at once. */
function createCli(screen: Screen, onStuck: () => void): Command {
  const cli = new Command("heartbeat")
    .description("Keeps workspaces online: registers them, stores their tokens, sends heartbeats.")
    .version(version)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => screen.outputs.out.write(text),
      writeErr: (text) => screen.outputs.err.write(text),
    });

  addRunCommand(cli, screen);
  addStatusCommand(cli, screen);

  withStoreFlags(withConfigFlags(cli.command("doctor")))
    .description("check the token, its file and the platform; changes nothing")
    .addHelpText("after", doctorHelp)
    .option("--json", "print the findings as JSON")
    .option("--problems", "print only workspaces with problems")
    .action(async ({ json, problems, ...given }: Flags & { json?: boolean; problems?: boolean }) => {
      const { env, config } = await configure(given, screen);
      const { doctor } = await import("./commands/doctor/doctor.ts");
      const report = { json: json === true, onlyProblems: problems === true };
      const isFine = await doctor(config, { env, hide: screen.hide, onStuck }, report);
      process.exitCode = await reported(screen, isFine ? EXIT.ok : EXIT.problem);
    });

  withStoreFlags(withConfigFlags(cli.command("send <workspace> <text>")))
    .description("send a message from this workspace to another")
    .addHelpText("after", sendHelp)
    .option("--message-id <id>", "the platform treats two sends with one id as one message (default: random)")
    .option("--wait", "resend while the receiver is waking up or has no URL, for at most 5 minutes")
    .action(async (to: string, text: string, { messageId, wait, ...given }: Flags & SendFlags) => {
      const { env, config } = await configure(given, screen);
      for (const warning of config.warnings) console.error(warning);
      const { send } = await import("./commands/send/send.ts");
      const request = { to, text, wait: wait === true, ...(messageId !== undefined && { messageId }) };
      process.exitCode = await send(request, config, { env, hide: screen.hide, onStuck });
      await isPrinted(screen);
    });

  withStoreFlags(withConfigFlags(cli.command("rotate")))
    .description("replace the token of an external workspace. Safe to interrupt: the next run resumes it")
    .addHelpText("after", rotateHelp)
    .option("--all", "all workspaces of the list, one after another; the exit code is the worst of theirs")
    .option("--revoke-others", "continue even if the workspace has other live tokens, and revoke them")
    .action(async (given: Flags & RotateFlags) => {
      const { flags, env, config } = await configure(given, screen);
      const { rotate } = await import("./commands/rotate/rotate.ts");
      process.exitCode = await rotate(config, flags, { env, hide: screen.hide, onStuck });
      await isPrinted(screen);
    });

  withLogFlags(withStoreFlags(withConfigFlags(cli.command("proxy"))))
    .summary("sign requests of any program on this machine with a workspace's token")
    .description(
      "sign requests of any program on this machine with a workspace's token and pass them to its platform only, " +
        "until SIGTERM or Ctrl-C. Sends no heartbeats; heartbeat run --proxy-socket does both",
    )
    .addHelpText("after", proxyHelp)
    .option("--socket <path>", "listen on this Unix socket, which only this user can open (0600)")
    .option(
      "--port <port>",
      "listen on this port of 127.0.0.1 instead; 0: any free port. Requires --secret-file",
    )
    .option(
      "--secret-file <path>",
      "the secret that requests to the port carry as Authorization: Bearer; created if missing",
    )
    .action(async ({ socket, port, secretFile, ...given }: Flags & ProxyFlags) => {
      const { env, config } = await configure(given, screen);
      const { proxy } = await import("./commands/proxy.ts");
      const flags = {
        ...(socket !== undefined && { socket }),
        ...(port !== undefined && { port }),
        ...(secretFile !== undefined && { secretFile }),
      };
      process.exitCode = await proxy(flags, config, { env, screen, onStuck });
    });
  addStoreCommands(cli, screen);

  cli
    .command("demo")
    .description("a platform and three workspaces in this process, until Ctrl-C")
    .addHelpText("after", demoHelp)
    .option("--once", "run it once, in under 20 s")
    .option(
      "--machines <count>",
      "instead: 2 to 8 runners on one database; one is killed. Ends after about a minute",
    )
    .action(async ({ once, machines }: { once?: boolean; machines?: string }) => {
      if (machines !== undefined) {
        const { machinesDemo } = await import("./commands/demo/machines/machines-demo.ts");
        process.exitCode = (await machinesDemo(machines)) ? EXIT.ok : EXIT.problem;
        return;
      }
      const { demo } = await import("./commands/demo/demo.ts");
      dropWhatIsNotRead(screen.outputs);
      process.exitCode = (await demo({ once: once === true })) ? EXIT.ok : EXIT.problem;
    });
  nameHelp(cli, "heartbeat");
  return cli;
}

/** After an invalid flag or argument, names the help of the command that it was for. */
function nameHelp(command: Command, name: string): void {
  command.showHelpAfterError(`(${name} --help shows how to use it)`);
  for (const sub of command.commands) nameHelp(sub, `${name} ${sub.name()}`);
}

/** Runs a command line. Prints errors and turns them into the exit code. */
export async function main(argv: readonly string[]): Promise<void> {
  const { hide, redact } = createKnownTokens();
  const outputs = takeOverOutput({ redact, isShared: argv.includes("--") });
  hide("environment", process.env.MOLECULE_WORKSPACE_TOKEN ?? "");
  let isStuck = false;
  const onStuck = () => {
    isStuck = true;
  };
  try {
    await createCli({ outputs, hide, redact }, onStuck).parseAsync(argv);
  } catch (error) {
    if (error instanceof ConfigError || isAuthError(error)) {
      console.error(error.message);
      process.exitCode = EXIT.usage;
    } else if (error instanceof Error && "exitCode" in error) {
      // Commander has printed the error; `--help` and `--version` also end here.
      process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    } else {
      console.error(error);
      process.exitCode = EXIT.problem;
    }
  }
  const code = Number(process.exitCode ?? EXIT.ok);
  if (isStuck || (await isFileCallStuck())) {
    await Promise.all([outputs.out.end(), outputs.err.end()]);
    endProcess(code, { isStuck: () => true });
  }
  await outputs.exit(code);
}
