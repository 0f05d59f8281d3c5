import { isAuthError } from "@x/auth-core";
import {
  type PostgresTokenStore,
  postgresTokenStore,
  readKeyFile,
  type StoreInspection,
} from "@x/auth-postgres";
import { ConfigError } from "../../config/problems.ts";
import type { StoreConfig } from "../../config/store-flags.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";

/** An operator waits this long; a runner would not. */
const TIMEOUT_MS = 10_000;

/**
 * Opens the store, runs the callback, and closes it. @throws ConfigError without a store; AuthError for the key file
 */
export async function withStore(
  config: StoreConfig | null,
  work: (store: PostgresTokenStore, config: StoreConfig) => Promise<ExitCode>,
): Promise<ExitCode> {
  if (config === null) {
    throw new ConfigError([
      "Which store is meant? Give --store, like postgres://heartbeat@db.example/agents, or HEARTBEAT_STORE.",
    ]);
  }
  const { url, fleet, keyFile } = config;
  const store = postgresTokenStore({ url, fleet, keys: await readKeyFile(keyFile), timeoutMs: TIMEOUT_MS });
  try {
    return await work(store, config);
  } finally {
    await store.close();
  }
}

/**
 * The problems of the store; `null` when it cannot be reached, which has been printed.
 *
 * @param ignoring problems that the command is about to fix
 * @throws ConfigError when the store cannot be used in its current state
 */
export async function inspectStore(
  store: PostgresTokenStore,
  { ignoring = [] }: { readonly ignoring?: readonly string[] } = {},
): Promise<StoreInspection | null> {
  const inspection = await store.inspect().catch(printed);
  const problems = inspection?.problems.filter(({ code }) => !ignoring.includes(code)) ?? [];
  if (problems.length > 0) throw new ConfigError(problems.map(({ message }) => message));
  return inspection;
}

/** For a command that uses the store in its current state. @returns `EXIT.problem` when it cannot be reached */
export async function whenUsable(
  store: PostgresTokenStore,
  work: () => Promise<ExitCode>,
): Promise<ExitCode> {
  return (await inspectStore(store)) === null ? EXIT.problem : work();
}

function printed(error: unknown): null {
  if (!isAuthError(error)) throw error;
  console.error(error.message);
  return null;
}
