import { mkdir, open, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { FinishedDelegation } from "./rows.ts";

/**
 * The results that a workspace was told, a line of JSON each, and beside them which were announced. The file is also the
 * memory of what was seen: it is only ever appended to, and nothing is told twice however often the runner restarts.
 */
export interface ResultsFile {
  readonly path: string;
  has(id: string): boolean;
  /** Ids that are in the file but were not announced. */
  unannounced(): readonly string[];
  /** On the disk once settled. */
  append(results: readonly FinishedDelegation[]): Promise<void>;
  announced(ids: readonly string[]): Promise<void>;
}

/** @throws the file system's error, when there is a file that cannot be read */
export async function openResultsFile(path: string): Promise<ResultsFile> {
  const announcedById = new Map<string, boolean>();
  const text = await readIfThere(path);
  for (const line of text.split("\n")) {
    const entry = parse(line);
    if (typeof entry.id === "string") announcedById.set(entry.id, announcedById.get(entry.id) ?? false);
    if (Array.isArray(entry.announced)) for (const id of entry.announced) announcedById.set(String(id), true);
  }
  // A line that a crash cut short stays as it is; the next one begins on a line of its own.
  let separator = text === "" || text.endsWith("\n") ? "" : "\n";

  async function appendLines(entries: readonly object[]): Promise<void> {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const file = await open(path, "a", 0o600);
    try {
      await file.appendFile(separator + entries.map((entry) => `${JSON.stringify(entry)}\n`).join(""));
      await file.sync();
      separator = "";
    } finally {
      await file.close();
    }
  }

  return {
    path,
    has: (id) => announcedById.has(id),
    unannounced: () => [...announcedById].filter(([, announced]) => !announced).map(([id]) => id),
    async append(results) {
      await appendLines(results);
      for (const { id } of results) announcedById.set(id, false);
    },
    async announced(ids) {
      await appendLines([{ announced: ids }]);
      for (const id of ids) announcedById.set(id, true);
    },
  };
}

async function readIfThere(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return "";
    throw error;
  }
}

function parse(line: string): { id?: unknown; announced?: unknown } {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
}
