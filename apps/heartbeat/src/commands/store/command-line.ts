import type { Command } from "commander";
import { configure, readStore, withConfigFlags, withStoreFlags } from "../../command-line.ts";
import type { Flags } from "../../config/config.ts";
import type { Screen } from "../../observability/display.ts";
import { importHelp, putHelp, storeHelp } from "../command-help.ts";

/** `heartbeat store`; each command's modules load when it runs. */
export function addStoreCommands(cli: Command, screen: Screen): void {
  const store = cli
    .command("store")
    .description("set up and fill a PostgreSQL store that several machines share");

  withStoreFlags(store.command("init"))
    .description("create the fleet's tables if they are missing")
    .addHelpText("after", storeHelp)
    .action(async (given: Flags) => {
      const [config, { initStore }] = await Promise.all([readStore(given, screen), import("./init.ts")]);
      process.exitCode = await initStore(config);
    });

  withStoreFlags(withConfigFlags(store.command("import")))
    .description(
      "copy the configured workspaces' tokens from their files into the store. Replaces no stored token",
    )
    .addHelpText("after", importHelp)
    .action(async (given: Flags) => {
      const { env, config } = await configure(given, screen);
      const { importTokens } = await import("./import.ts");
      process.exitCode = await importTokens(config, { env, hide: screen.hide });
    });

  withStoreFlags(withConfigFlags(store.command("put <id>")))
    .description("store the workspace's token from standard input, replacing any stored one")
    .addHelpText("after", putHelp)
    .action(async (workspaceId: string, given: Flags) => {
      const { config } = await configure({ ...given, workspaceId }, screen);
      const { putToken } = await import("./put.ts");
      const hide = (text: string) => screen.hide(workspaceId, text);
      process.exitCode = await putToken(config, { input: process.stdin, hide });
    });

  withStoreFlags(store.command("reseal"))
    .description(
      "encrypt everything with the first key of the key file. Run it when all runners have that key",
    )
    .addHelpText("after", storeHelp)
    .action(async (given: Flags) => {
      const [config, { resealStore }] = await Promise.all([readStore(given, screen), import("./reseal.ts")]);
      process.exitCode = await resealStore(config);
    });
}
