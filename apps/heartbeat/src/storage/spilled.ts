import fs from "node:fs";
import { join } from "node:path";
import { configsDirOf, refOfDirectory, TOKEN_FILE } from "./locations.ts";
import type { SpillRoot } from "./operations.ts";
import type { WorkspaceRef } from "./workspace-store.ts";

/** The workspaces that have a spilled token. */
export function listSpilled({ root, limit }: SpillRoot): WorkspaceRef[] {
  const found: WorkspaceRef[] = [];
  const unsaved = join(configsDirOf(root), "unsaved");
  for (const audience of namesIn(unsaved)) {
    for (const id of namesIn(join(unsaved, audience))) {
      const ref = refOfDirectory(audience, id);
      if (ref === null || !isFile(join(unsaved, audience, id, TOKEN_FILE))) continue;
      found.push(ref);
      if (found.length >= limit) return found;
    }
  }
  return found;
}

/** One after another: a directory may hold more names than should be in memory. */
function* namesIn(directory: string): Generator<string> {
  let names: fs.Dir;
  try {
    names = fs.opendirSync(directory);
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR"))
      return;
    throw error;
  }
  try {
    for (let entry = names.readSync(); entry !== null; entry = names.readSync()) {
      if (entry.isDirectory()) yield entry.name;
    }
  } finally {
    names.closeSync();
  }
}

function isFile(path: string): boolean {
  return fs.lstatSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

/** Removes the directory of a removed spilled token, so that the disk does not fill with empty ones. */
export function removeEmptyDirectory(directory: string): void {
  try {
    fs.rmdirSync(directory);
  } catch {
    // It contains something else or no longer exists.
  }
}
