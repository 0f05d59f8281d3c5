import type { Config } from "../../config/config.ts";
import type { CommandEnvironment } from "../command-environment.ts";
import { printLines } from "../print-lines.ts";
import { type Diagnosis, diagnose, notChecked } from "./diagnose.ts";
import { findingsText, isFine } from "./findings.ts";
import { PlatformAccesses } from "./platform-access.ts";

/** How the findings are printed. */
export interface DoctorOptions {
  /** @default false: for people */
  readonly json?: boolean;
  /** Only workspaces that have problems. @default false */
  readonly onlyProblems?: boolean;
}

/**
 * Checks the configured workspaces one after another and prints the findings. Read-only.
 *
 * @returns false when there is a problem
 */
export async function doctor(
  config: Config,
  { env, hide, onStuck }: CommandEnvironment,
  { json = false, onlyProblems = false }: DoctorOptions = {},
): Promise<boolean> {
  const { warnings } = config;
  // The database driver takes longer to load than everything else.
  const store =
    config.store === null
      ? null
      : await (await import("./check-store.ts")).checkStore(config.store, config.workspaces);
  // Their tokens are in the store.
  const workspaces = store?.opened === null ? [] : config.workspaces;
  const shown: Diagnosis[] = [];
  let isStuck = false;
  const summary = { ok: 0, problems: 0 };
  const accesses = new PlatformAccesses(env);
  if (!json) for (const warning of warnings) console.log(`! ${warning}`);
  if (!json && store !== null) console.log(`store\n${findingsText(store.findings)}`);
  try {
    for (const workspace of workspaces) {
      const diagnosis = isStuck
        ? notChecked(workspace.id)
        : await diagnose(workspace, {
            config,
            env,
            hide,
            onStuck() {
              isStuck = true;
              onStuck?.();
            },
            accesses,
            store: store?.opened ?? null,
          });
      summary[diagnosis.ok ? "ok" : "problems"] += 1;
      if (onlyProblems && diagnosis.ok) continue;
      if (json) shown.push(diagnosis);
      else console.log(`${diagnosis.workspace}\n${findingsText(diagnosis.findings)}`);
    }
  } finally {
    await accesses.close();
    await store?.close();
  }
  const ok = summary.problems === 0 && isFine(store?.findings ?? []);
  const ofStore = store !== null && { store: store.findings };
  if (json) printLines(JSON.stringify({ ok, warnings, ...ofStore, summary, workspaces: shown }, null, 2));
  else if (store?.opened === null) console.log("Without the store, no workspace was checked.");
  else if (workspaces.length === 0) console.log("The list of workspaces is empty.");
  else if (config.isFleet || onlyProblems) console.log(summaryText(summary));
  return ok;
}

function summaryText({ ok, problems }: { readonly ok: number; readonly problems: number }): string {
  const all = ok + problems;
  return `${all} ${all === 1 ? "workspace" : "workspaces"}: ${ok} ok, ${problems} with problems`;
}
