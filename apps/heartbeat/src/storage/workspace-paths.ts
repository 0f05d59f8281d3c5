import { join } from "node:path";
import type { Env } from "@x/auth-core";
import { resolveConfigsDir } from "@x/auth-node";
import type { Config } from "../config/config.ts";

/** A workspace of a list keeps its token below the configs dir, in its own directory. */
export function configsDirFor(
  id: string,
  { configsDir, isFleet }: Pick<Config, "configsDir" | "isFleet">,
  env: Env,
) {
  if (!isFleet) return configsDir === undefined ? {} : { configsDir };
  return { configsDir: join(configsDir ?? resolveConfigsDir({ env }).path, "workspaces", id) };
}

/** The secret with which the platform calls the workspace, kept beside the token. */
export const INBOUND_SECRET_FILE = ".platform_inbound_secret";

/** Where results of delegations are appended. */
export function resultsPath(id: string, config: Pick<Config, "configsDir" | "isFleet">, env: Env): string {
  const { configsDir = resolveConfigsDir({ env }).path } = configsDirFor(id, config, env);
  return join(configsDir, "delegation_results.jsonl");
}
