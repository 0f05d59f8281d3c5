import fs from "node:fs";
import { join } from "node:path";
import { flushDirectory, openToRead } from "./foreign-file.ts";
import { RESULTS_FILE } from "./locations.ts";
import type { FileOperations, ResultsPlace } from "./operations.ts";
import { type Code, inOwnDirectory } from "./own-directory.ts";
import { appendResults, loadResults, makeDirectories, type ResultsFiles } from "./results-journal.ts";
import type { WorkspaceDirectories } from "./workspace-directories.ts";

type Operations = Pick<FileOperations, "loadResults" | "appendResults">;

/** A file thread's operations on results, with errors that name the file and the reason. */
export function resultsOperations(directories: WorkspaceDirectories): Operations {
  const inDirectory = <T>(
    place: ResultsPlace,
    { code, signal }: { code: Code; signal: AbortSignal },
    work: (files: ResultsFiles) => T,
  ): Promise<T> =>
    inOwnDirectory(
      directories,
      place,
      { what: "The results", fileName: RESULTS_FILE, code, signal },
      (found) => {
        const { configsDir: directory, root } = found;
        if (root === undefined) return work({ directory });
        const former = migrate(join(root, "workspaces", place.workspaceId, RESULTS_FILE), directory);
        return work({ directory, ...(former !== null && { former }) });
      },
    );
  return {
    loadResults: (place, signal) => inDirectory(place, { code: "STORAGE_READ_FAILED", signal }, loadResults),
    appendResults: ({ place, lines }, signal) =>
      inDirectory(place, { code: "STORAGE_WRITE_FAILED", signal }, (files) =>
        appendResults(files, { lines, rotateBytes: place.rotateBytes }),
      ),
  };
}

/**
 * Moves the file from `workspaces/<id>/`, where it was before platforms were kept apart.
 *
 * @returns the file when it cannot be moved: the first append carries its content over
 */
function migrate(former: string, directory: string): string | null {
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
