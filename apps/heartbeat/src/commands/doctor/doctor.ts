import { createAuth, type Env } from "@x/auth-core";
import { fileTokenStorage } from "@x/auth-node";
import type { Config } from "../../config/config.ts";
import type { WorkspaceConfig } from "../../config/workspaces.ts";
import { fallbackOf, refOf } from "../../fleet/managed-workspace.ts";
import { tokenFileLocation } from "../../storage/workspace-location.ts";
import { checkFile } from "./check-file.ts";
import { checkPlatform } from "./check-platform.ts";
import { checkTokenSources } from "./check-token.ts";
import { type Finding, findingsText } from "./findings.ts";

/** What was found about one workspace. */
interface Diagnosis {
  readonly workspace: string;
  readonly ok: boolean;
  readonly findings: readonly Finding[];
}

/**
 * Checks the configured workspaces, one after another, and prints the findings. Reads only.
 *
 * @returns false when there is a problem
 */
export async function doctor(config: Config, env: Env, json: boolean): Promise<boolean> {
  const diagnoses: Diagnosis[] = [];
  for (const workspace of config.workspaces) {
    const diagnosis = await diagnose(workspace, config, env);
    diagnoses.push(diagnosis);
    if (!json) console.log(`${diagnosis.workspace}\n${findingsText(diagnosis.findings)}`);
  }
  if (diagnoses.length === 0 && !json) console.log("The list of workspaces is empty.");
  const ok = diagnoses.every((diagnosis) => diagnosis.ok);
  if (json) console.log(JSON.stringify({ ok, workspaces: diagnoses }, null, 2));
  return ok;
}

async function diagnose(workspace: WorkspaceConfig, config: Config, env: Env): Promise<Diagnosis> {
  const { configsDir, isFleet, timing } = config;
  const { platformUrl, ownPlatform } = workspace;
  const layout = isFleet ? "list" : "single";
  const file = await tokenFileLocation({ configsDir, env, layout }, refOf(workspace));
  const auth = createAuth({
    // A mode that is too wide is only reported: doctor changes nothing.
    storage: fileTokenStorage({ ...file, tighten: false }),
    platformUrl,
    env: ownPlatform ? {} : env,
    fallback: [fallbackOf(workspace, env)],
  });
  const findings = [
    ...(await checkFile(file)),
    ...(await checkTokenSources(auth)),
    ...(await checkPlatform(workspace, timing, auth)),
  ];
  return { workspace: workspace.id, ok: findings.every(({ status }) => status !== "problem"), findings };
}
