import type { Env } from "@x/auth-core";
import type { WorkspaceConfig } from "./workspaces.ts";

/** The environment of one workspace. The tenant of the shared platform is left out for a workspace with its own one. */
export function environmentFor(
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
