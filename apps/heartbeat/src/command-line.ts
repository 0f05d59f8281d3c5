import type { Command } from "commander";
import { type Flags, loadConfig } from "./config/config.ts";
import { readEnvironment, resolvePaths } from "./config/environment.ts";
import { ConfigError } from "./config/problems.ts";
import { readStoreFlags, type StoreConfig, storePasswords } from "./config/store-flags.ts";
import type { Screen } from "./observability/display.ts";
import { listed } from "./observability/known-tokens.ts";

/**
 * Reads the configuration and hides its tokens from all output.
 *
 * @throws ConfigError with all problems at once
 */
export async function configure<T extends Flags>(given: T, { hide }: Screen) {
  checkDirectory();
  const env = readEnvironment(process.env);
  const flags = resolvePaths(given, env);
  for (const password of storePasswords(flags, env)) hide("store", password);
  const config = await loadConfig(flags, env);
  for (const { id, token } of config.listTokens) hide(listed(id), token);
  return { flags, env, config };
}

/** Node starts no threads in a directory that was removed: no file could be read. */
function checkDirectory(): void {
  try {
    process.cwd();
  } catch {
    throw new ConfigError(["The current directory was removed: start this in another one."]);
  }
}

/** Reads the part of the configuration that names the store. @throws ConfigError with all problems at once */
export async function readStore(given: Flags, { hide }: Screen): Promise<StoreConfig | null> {
  const env = readEnvironment(process.env);
  const flags = resolvePaths(given, env);
  for (const password of storePasswords(flags, env)) hide("store", password);
  return readStoreFlags(flags, env);
}

export function withConfigFlags(command: Command): Command {
  return command
    .option("--platform-url <url>", "base URL of the platform (default: PLATFORM_URL)")
    .option("--workspace-id <id>", "the workspace (default: WORKSPACE_ID); with a list, only that one")
    .option(
      "--workspaces-file <path>",
      "a file with a list of workspaces (default: the list in MOLECULE_WORKSPACES)",
    )
    .option(
      "--configs-dir <path>",
      "where tokens are kept (default: CONFIGS_DIR, /configs, ~/.molecule-workspace)",
    );
}

export function withStoreFlags(command: Command): Command {
  return command
    .option("--store <url>", "a PostgreSQL database that several machines share (default: HEARTBEAT_STORE)")
    .option(
      "--store-key-file <path>",
      "the file with the store's encryption keys (default: HEARTBEAT_STORE_KEY_FILE)",
    )
    .option("--fleet <name>", "the fleet whose runners share their workspaces (default: heartbeat)");
}

export function withLogFlags(command: Command): Command {
  return command
    .option("--log-level <level>", "trace, debug, info, warn or error (default: info)")
    .option(
      "--log-format <format>",
      "json, logfmt or pretty (default: pretty on a terminal, logfmt in systemd's journal, else json)",
    );
}
