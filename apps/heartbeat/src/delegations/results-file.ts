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

/**
 * How many results are remembered in memory, the newest: ten times what one answer of the platform shows. An older one
 * does not come back, and a runner that stays up for months must not grow.
 */
const REMEMBERED = 500;

/** @throws the file system's error, when there is a file that cannot be read */
export async function openResultsFile(path: string): Promise<ResultsFile> {
  const newest = new Set<string>();
  const unannounced = new Set<string>();
  const text = await readIfThere(path);
  for (const line of text.split("\n")) {
    const entry = parse(line);
    if (typeof entry.id === "string") remember(entry.id);
    if (Array.isArray(entry.announced)) for (const id of entry.announced) unannounced.delete(String(id));
  }

  function remember(id: string): void {
    if (newest.has(id)) return;
    newest.add(id);
    unannounced.add(id);
    const [oldest] = newest;
    if (newest.size > REMEMBERED && oldest !== undefined) newest.delete(oldest);
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
    has: (id) => newest.has(id) || unannounced.has(id),
    unannounced: () => [...unannounced],
    async append(results) {
      await appendLines(results);
      for (const { id } of results) remember(id);
    },
    async announced(ids) {
      await appendLines([{ announced: ids }]);
      for (const id of ids) unannounced.delete(id);
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
