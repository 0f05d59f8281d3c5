import type { Command } from "commander";
import { type OperatorFlags, readStatusFlags } from "../../config/operator-flags.ts";
import type { Screen } from "../../observability/display.ts";
import { statusHelp } from "../command-help.ts";
import { reported } from "../printed.ts";

interface StatusFlags extends Pick<OperatorFlags, "statusPort" | "statusHost"> {
  readonly workspace?: string;
  readonly problems?: boolean;
  readonly json?: boolean;
}

/** `heartbeat status`; its modules load when it runs. */
export function addStatusCommand(cli: Command, screen: Screen): void {
  cli
    .command("status")
    .description("ask the runner on this machine for the states of its workspaces")
    .addHelpText("after", statusHelp)
    .option("--status-port <port>", "the port that the runner was started with (default: 9464)")
    .option("--status-host <address>", "the address that the runner was started with (default: 127.0.0.1)")
    .option("--workspace <id>", "everything about this workspace")
    .option("--problems", "only workspaces with problems")
    .option("--json", "print it as JSON")
    .action(async ({ workspace, problems, json, ...flags }: StatusFlags) => {
      const address = readStatusFlags(flags);
      const { status } = await import("./status.ts");
      const request = { address, workspace, onlyProblems: problems === true, json: json === true };
      process.exitCode = await reported(screen, await status(request));
    });
}
