import fs from "node:fs";
import { join, relative, sep } from "node:path";
import { AuthError } from "@x/auth-core";
import { ForeignFileError, flushDirectory, openToRead } from "./foreign-file.ts";
import type { FileOperations, ResultsPlace } from "./operations.ts";
import { RESULTS_FILE } from "./places.ts";
import { appendResults, loadResults, makeDirectories, type ResultsFiles } from "./results-journal.ts";
import type { WorkspaceDirectories } from "./workspace-directories.ts";

type Operations = Pick<FileOperations, "loadResults" | "appendResults">;

/** What a file thread does with results, with errors that name the file and say why. */
export function resultsOperations(directories: WorkspaceDirectories): Operations {
  const inDirectory = async <T>(
    place: ResultsPlace,
    { code, signal }: { code: Code; signal: AbortSignal },
    work: (files: ResultsFiles) => T,
  ): Promise<T> => {
    const { configsDir: directory, root } = await directories.find(place, signal);
    try {
      if (root === undefined) return work({ directory });
      refuseLinks(root, directory);
      const former = adopt(join(root, "workspaces", place.workspaceId, RESULTS_FILE), directory);
      return work({ directory, ...(former !== null && { former }) });
    } catch (error) {
      throw asStorageError(error, code, join(directory, RESULTS_FILE));
    }
  };
  return {
    loadResults: (place, signal) => inDirectory(place, { code: "STORAGE_READ_FAILED", signal }, loadResults),
    appendResults: ({ place, lines }, signal) =>
      inDirectory(place, { code: "STORAGE_WRITE_FAILED", signal }, (files) =>
        appendResults(files, { lines, rotateBytes: place.rotateBytes }),
      ),
  };
}

type Code = "STORAGE_READ_FAILED" | "STORAGE_WRITE_FAILED";

function asStorageError(error: unknown, code: Code, path: string): AuthError {
  const failed =
    code === "STORAGE_READ_FAILED"
      ? `The results in ${path} cannot be read`
      : `The results cannot be stored in ${path}`;
  return new AuthError(code, `${failed}: ${whyOf(error)}`, { cause: error });
}

/** Node's own words for an error of the system: they name the call and the path, and nothing of what is in a file. */
function whyOf(error: unknown): string {
  if (!(error instanceof Error)) return "it failed.";
  if (error instanceof ForeignFileError) return error.message;
  return "syscall" in error ? `${error.message}.` : `it failed (${error.name}).`;
}

/**
 * A workspace's own directory is never a link, which might lead to a neighbour's. Above it, up to the configs dir, a
 * link is the operator's: it belongs to this user or to root.
 */
function refuseLinks(root: string, directory: string): void {
  const names = relative(root, directory).split(sep);
  for (let path = root, name = names.shift(); name !== undefined; name = names.shift()) {
    path = join(path, name);
    const entry = fs.lstatSync(path, { throwIfNoEntry: false });
    if (!entry?.isSymbolicLink()) continue;
    const isOurs = entry.uid === 0 || entry.uid === process.geteuid?.();
    if (isOurs && names.length > 0) continue;
    throw new ForeignFileError(`${path} is a symbolic link. Replace it by the directory.`);
  }
}

/**
 * Takes over the file that was in `workspaces/<id>/` before workspaces of several platforms were kept apart.
 *
 * @returns the file, when it cannot be moved: what it says is carried over by the first append
 */
function adopt(former: string, directory: string): string | null {
  const path = join(directory, RESULTS_FILE);
  if (path === former) return null;
  try {
    const file = fs.lstatSync(path, { throwIfNoEntry: false }) === undefined ? openToRead(former) : null;
    if (file === null) return null;
    fs.closeSync(file.fd);
  } catch {
    return null;
  }
  try {
    makeDirectories(directory);
    fs.renameSync(former, path);
    flushDirectory(directory);
    return null;
  } catch {
    return former;
  }
}
