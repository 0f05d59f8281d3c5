import { createHash } from "node:crypto";
import type { WorkspaceConfig } from "../config/workspaces.ts";
import { refOf } from "../fleet/workspace-auth.ts";
import { refKey } from "../storage/workspace-store.ts";

/** Equal for lists with the same workspaces in any order: 32 hexadecimal digits. */
export function listDigest(list: readonly WorkspaceConfig[]): string {
  const keys = list.map((workspace) => refKey(refOf(workspace))).sort();
  return createHash("sha256").update(keys.join("\n")).digest("hex").slice(0, 32);
}
