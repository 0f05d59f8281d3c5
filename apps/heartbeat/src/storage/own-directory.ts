import fs from "node:fs";
import { join, relative, sep } from "node:path";
import { AuthError } from "@x/auth-core";
import { ForeignFileError } from "./foreign-file.ts";
import type { Place } from "./locations.ts";
import type { FoundDirectory, WorkspaceDirectories } from "./workspace-directories.ts";

export type Code = "STORAGE_READ_FAILED" | "STORAGE_WRITE_FAILED";

/** The subject of an operation in a directory, for its errors. */
interface Task {
  /** Such as `The results`. */
  readonly what: string;
  readonly fileName: string;
  readonly code: Code;
  readonly signal: AbortSignal;
}

/** Works in a workspace's own directory, with errors that name the file and the reason. */
export async function inOwnDirectory<T>(
  directories: WorkspaceDirectories,
  place: Place,
  { what, fileName, code, signal }: Task,
  work: (found: FoundDirectory) => T,
): Promise<T> {
  const found = await directories.find(place, signal);
  try {
    if (found.root !== undefined) refuseLinks(found.root, found.configsDir);
    return work(found);
  } catch (error) {
    throw asStorageError(error, { what, code, path: join(found.configsDir, fileName) });
  }
}

function asStorageError(
  error: unknown,
  { what, code, path }: { what: string; code: Code; path: string },
): AuthError {
  const failed =
    code === "STORAGE_READ_FAILED"
      ? `${what} in ${path} cannot be read`
      : `${what} cannot be stored in ${path}`;
  return new AuthError(code, `${failed}: ${whyOf(error)}`, { cause: error });
}

/** Node's text of a system error, which names the call and the path, but no file content. */
function whyOf(error: unknown): string {
  if (!(error instanceof Error)) return "it failed.";
  if (error instanceof ForeignFileError) return error.message;
  return "syscall" in error ? `${error.message}.` : `it failed (${error.name}).`;
}

/**
 * A workspace's own directory is never a link, which might lead to a neighbour's. Above it, up to the configs
 * directory, links belong to the operator: this user or root.
 */
function refuseLinks(root: string, directory: string): void {
  const names = relative(root, directory).split(sep);
  for (let path = root, name = names.shift(); name !== undefined; name = names.shift()) {
    path = join(path, name);
    const entry = fs.lstatSync(path, { throwIfNoEntry: false });
    if (!entry?.isSymbolicLink()) continue;
    const isOurs = entry.uid === 0 || entry.uid === process.geteuid?.();
    if (isOurs && names.length > 0) continue;
    throw new ForeignFileError(`${path} is a symbolic link. Replace it with a directory.`);
  }
}
