import { mkdir, open, readFile } from "node:fs/promises";
import { dirname } from "node:path";

/** A finished delegation, as the workspace reads it. */
export interface FinishedDelegation {
  /** `delegation_id`, or the row's own id on a row without one. */
  readonly id: string;
  readonly targetId: string;
  readonly status: string;
  readonly summary: string;
  readonly response: string;
  readonly error: string;
}

/**
 * How many results are remembered in memory, the newest: ten times what one answer of the platform shows. An older one
 * does not come back, and a runner that stays up for months must not grow.
 */
const REMEMBERED = 500;

/** @throws the file system's error, when there is a file that cannot be read */
export async function openResultsFile(path: string): Promise<ResultsFile> {
  return new ResultsFile(path, await readIfThere(path));
}

/**
 * The results that a workspace received, one line of JSON each, and which of them were announced. The file is also the
 * memory of what was seen: it is only ever appended to, and nothing is delivered twice however often the runner restarts.
 */
export class ResultsFile {
  readonly path: string;
  readonly #newest = new Set<string>();
  readonly #unannounced = new Set<string>();
  /** A line that a crash cut short stays as it is; the next one begins on a new line. */
  #separator: "" | "\n";

  /** @param text the content of the file */
  constructor(path: string, text = "") {
    this.path = path;
    this.#separator = text === "" || text.endsWith("\n") ? "" : "\n";
    for (const line of text.split("\n").filter(Boolean)) {
      const entry = parse(line);
      if (typeof entry.id === "string") this.#remember(entry.id);
      if (Array.isArray(entry.announced)) {
        for (const id of entry.announced) this.#unannounced.delete(String(id));
      }
    }
  }

  /** True when there is nothing to remember. */
  isEmpty(): boolean {
    return this.#newest.size === 0 && this.#separator === "";
  }

  has(id: string): boolean {
    return this.#newest.has(id) || this.#unannounced.has(id);
  }

  /** Ids that are in the file but were not announced. */
  unannounced(): readonly string[] {
    return [...this.#unannounced];
  }

  /** On the disk once settled. */
  async append(results: readonly FinishedDelegation[]): Promise<void> {
    await this.#appendLines(results);
    for (const { id } of results) this.#remember(id);
  }

  async announced(ids: readonly string[]): Promise<void> {
    await this.#appendLines([{ announced: ids }]);
    for (const id of ids) this.#unannounced.delete(id);
  }

  #remember(id: string): void {
    if (this.#newest.has(id)) return;
    this.#newest.add(id);
    this.#unannounced.add(id);
    const [oldest] = this.#newest;
    if (this.#newest.size > REMEMBERED && oldest !== undefined) this.#newest.delete(oldest);
  }

  async #appendLines(entries: readonly object[]): Promise<void> {
    await mkdir(dirname(this.path), { recursive: true, mode: 0o700 });
    const file = await open(this.path, "a", 0o600);
    try {
      await file.appendFile(this.#separator + entries.map((entry) => `${JSON.stringify(entry)}\n`).join(""));
      await file.sync();
      this.#separator = "";
    } finally {
      await file.close();
    }
  }
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
