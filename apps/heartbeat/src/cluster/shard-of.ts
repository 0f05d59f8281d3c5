import { createHash } from "node:crypto";
import { refKey, type WorkspaceRef } from "../storage/workspace-store.ts";

/** The shard of a workspace, from 0 to 255: the first byte of the SHA-256 of its platform and its id. */
export function shardOf(ref: WorkspaceRef): number {
  return createHash("sha256").update(refKey(ref)).digest().readUInt8(0);
}
