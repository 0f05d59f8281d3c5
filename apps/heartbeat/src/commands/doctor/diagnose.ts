import { createAuth, type TokenStorage } from "@x/auth-core";
import { fileTokenStorage } from "@x/auth-node";
import { isUuid } from "@x/platform-client";
import type { Config } from "../../config/config.ts";
import type { WorkspaceConfig } from "../../config/workspaces.ts";
import { fallbacksOf, refOf } from "../../fleet/workspace-auth.ts";
import { KnownTokenStorage } from "../../storage/postgres/known-token-storage.ts";
import { tokenFileLocation } from "../../storage/workspace-location.ts";
import type { CommandEnvironment } from "../command-environment.ts";
import { checkFile, type FileCheck } from "./check-file.ts";
import { checkPlatform } from "./check-platform.ts";
import type { StoreCheck } from "./check-store.ts";
import { checkTokenSources } from "./check-token.ts";
import { type Finding, isFine, note, problem } from "./findings.ts";
import { ownerFinding } from "./owner-finding.ts";
import type { PlatformAccesses } from "./platform-access.ts";

/** The findings about one workspace. */
export interface Diagnosis {
  readonly workspace: string;
  readonly ok: boolean;
  readonly findings: readonly Finding[];
}

export interface DoctorContext extends CommandEnvironment {
  readonly config: Config;
  readonly accesses: PlatformAccesses;
  /** `null`: tokens are in files. */
  readonly store: StoreCheck["opened"];
}

const ANSWER_MS = 5_000;
const FIX = "fix the disk or mount of the configs dir, or choose another one with --configs-dir";
const DISK_HANGS = problem(
  "token file",
  `the disk has not answered for ${ANSWER_MS / 1_000} s, so nothing else was checked`,
  FIX,
);

/** The findings about a workspace after one whose disk hangs: each such disk blocks one of a few threads. */
export const notChecked = (workspace: string): Diagnosis => ({
  workspace,
  ok: false,
  findings: [problem("token file", "not checked, because the disk of another workspace hangs", FIX)],
});

/** Checks one workspace. Read-only. */
export async function diagnose(workspace: WorkspaceConfig, context: DoctorContext): Promise<Diagnosis> {
  const { config, env, hide, onStuck = () => {}, accesses } = context;
  const { platformUrl, ownPlatform } = workspace;
  const hangs = new Promise<null>((resolve) => setTimeout(resolve, ANSWER_MS, null).unref());
  const check = await Promise.race([checkStorage(workspace, context), hangs]);
  if (check === null) {
    onStuck();
    return { workspace: workspace.id, ok: false, findings: [DISK_HANGS] };
  }
  const { findings: ofStorage, isUnreadable, storage } = check;
  const auth = createAuth({
    storage: new KnownTokenStorage(storage, (token) => hide(workspace.id, token)),
    platformUrl,
    env: ownPlatform ? {} : env,
    fallback: fallbacksOf(workspace, { env, onSecret: hide }),
  });
  const token = await checkTokenSources(auth, { isFileReported: isUnreadable });
  const access = await accesses.at(platformUrl);
  const ofPlatform = await checkPlatform({
    workspace,
    timing: config.timing,
    auth,
    access,
    hasFailedSource: token.hasFailed,
  });
  const ofId = isUuid(workspace.id)
    ? []
    : [note("workspace id", `${workspace.id}: the platform accepts only UUIDs`)];
  const findings = [...ofId, ...ofStorage, ...token.findings, ...ofPlatform];
  return { workspace: workspace.id, ok: isFine(findings), findings };
}

interface StorageCheck extends FileCheck {
  readonly storage: Required<TokenStorage>;
}

/** Where the token is kept: the shared store, or its file. */
async function checkStorage(
  workspace: WorkspaceConfig,
  { config, env, store }: DoctorContext,
): Promise<StorageCheck> {
  const ref = refOf(workspace);
  if (store !== null) {
    const { platformOrigin: platformUrl, workspaceId } = ref;
    // Loads OpenSSL, which nothing else in this command needs.
    const { shardOf } = await import("../../cluster/shard-of.ts");
    const storage = store.tokens.storage({ platformUrl, workspaceId });
    return { findings: [ownerFinding(store.ownerships, shardOf(ref))], isUnreadable: false, storage };
  }
  const layout = config.isFleet ? "list" : "single";
  const file = await tokenFileLocation({ configsDir: config.configsDir, env, layout }, ref);
  // A mode that is too wide is only reported: doctor changes nothing.
  const storage = fileTokenStorage({ ...file, tighten: false });
  return { ...(await checkFile(file)), storage };
}
