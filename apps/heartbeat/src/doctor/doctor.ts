import type { Env } from "@x/auth-core";
import { createNodeAuth } from "@x/auth-node";
import type { Config } from "../config/config.ts";
import type { WorkspaceConfig } from "../config/workspaces.ts";
import { configsDirFor, variablesFor } from "../fleet/surroundings.ts";
import { type Finding, findingsText } from "./findings.ts";
import { lookAtFile } from "./look-at-file.ts";
import { lookAtPlatform } from "./look-at-platform.ts";
import { lookAtToken } from "./look-at-token.ts";

/** What was found about one workspace. */
interface Diagnosis {
  readonly workspace: string;
  readonly ok: boolean;
  readonly findings: readonly Finding[];
}

/**
 * Looks at the configured workspaces, one after another, and prints what it finds. Reads only.
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
    env: variablesFor(workspace, config.isFleet, env),
    ...configsDirFor(workspace.id, config, env),
  };
  // Even a mode that is too wide is only told: whoever asks a doctor does not want to be operated on.
  const auth = createNodeAuth({ ...where, tighten: false });
  const findings = [
    ...(await lookAtFile(where)),
    ...(await lookAtToken(auth, config.isFleet)),
    ...(await lookAtPlatform(workspace, config.pace, auth)),
  ];
  return { workspace: workspace.id, ok: findings.every(({ status }) => status !== "problem"), findings };
}
