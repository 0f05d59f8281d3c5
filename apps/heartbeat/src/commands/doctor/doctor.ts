import type { Env } from "@x/auth-core";
import { createNodeAuth } from "@x/auth-node";
import type { Config } from "../../config/config.ts";
import { environmentFor } from "../../config/environment.ts";
import type { WorkspaceConfig } from "../../config/workspaces.ts";
import { configsDirFor } from "../../storage/workspace-paths.ts";
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
  const where = {
    env: environmentFor(workspace, config.isFleet, env),
    ...configsDirFor(workspace.id, config, env),
  };
  // A mode that is too wide is only reported: doctor changes nothing.
  const auth = createNodeAuth({ ...where, tighten: false });
  const findings = [
    ...(await checkFile(where)),
    ...(await checkTokenSources(auth, config.isFleet)),
    ...(await checkPlatform(workspace, config.timing, auth)),
  ];
  return { workspace: workspace.id, ok: findings.every(({ status }) => status !== "problem"), findings };
}
