import { join } from "node:path";
import type { Env } from "@x/auth-core";
import { resolveConfigsDir } from "@x/auth-node";
import type { Config } from "../config/config.ts";
import type { WorkspaceConfig } from "../config/workspaces.ts";

/** What a workspace sees of the variables. A tenant of the shared platform means nothing to one of its own. */
export function variablesFor(
  { platformUrl, ownPlatform, token }: WorkspaceConfig,
  isFleet: boolean,
  env: Env,
) {
  const shared = [
    "CONFIGS_DIR",
    "HOME",
    ...(ownPlatform ? [] : ["MOLECULE_ORG_ID", "MOLECULE_ORGANIZATION_ID"]),
  ];
  const own: Record<string, string | undefined> = {
    PLATFORM_URL: platformUrl,
    MOLECULE_WORKSPACE_TOKEN: isFleet ? token : env.MOLECULE_WORKSPACE_TOKEN,
  };
  for (const name of shared) own[name] = env[name];
  return own;
}

/** A workspace of a list keeps its token below the configs dir, in a directory of its own. */
export function configsDirFor(
  id: string,
  { configsDir, isFleet }: Pick<Config, "configsDir" | "isFleet">,
  env: Env,
) {
  if (!isFleet) return configsDir === undefined ? {} : { configsDir };
  return { configsDir: join(configsDir ?? resolveConfigsDir({ env }).path, "workspaces", id) };
}

/** What is kept beside the token: the secret with which the platform calls the workspace. */
export const INBOUND_SECRET_FILE = ".platform_inbound_secret";

/** Where results of delegations are appended. */
export function resultsPath(id: string, config: Pick<Config, "configsDir" | "isFleet">, env: Env): string {
  const { configsDir = resolveConfigsDir({ env }).path } = configsDirFor(id, config, env);
  return join(configsDir, "delegation_results.jsonl");
}
