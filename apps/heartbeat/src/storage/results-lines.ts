import type { RememberedResults } from "./operations.ts";
import { ownMember } from "./own.ts";
import type { ResultEntry } from "./workspace-store.ts";

/** A longer line is skipped. */
export const MAX_LINE_BYTES = 64 * 1_024;

/** A longer id is never remembered: memory must be bounded in bytes. */
const MAX_ID_LENGTH = 256;

/** The newest results: ten times the length of one answer of the platform, which does not show older ones again. */
const MAX_REMEMBERED = 500;

/** How many bytes of announced ids fit into one line. */
const ANNOUNCED_LINE_BYTES = 16 * 1_024;

/**
 * Which results were delivered, and which were announced to the workspace. Most workspaces have none, so empty must be
 * small.
 */
export class ResultsMemory {
  /** Lines of the file that were skipped. */
  readonly damagedLines: number;
  /** There is no file yet. */
  isNew: boolean;
  #delivered: Set<string> | null = null;
  #unannounced: Set<string> | null = null;

  constructor({ delivered, unannounced, damagedLines, isNew }: RememberedResults) {
    this.damagedLines = damagedLines;
    this.isNew = isNew;
    if (delivered.length > 0) this.#delivered = new Set(delivered);
    if (unannounced.length > 0) this.#unannounced = new Set(unannounced);
  }

  get delivered(): string[] {
    return [...(this.#delivered ?? [])];
  }

  get unannounced(): string[] {
    return [...(this.#unannounced ?? [])];
  }

  has(id: string): boolean {
    return this.#delivered?.has(id) ?? false;
  }

  add(id: string): void {
    if (this.has(id)) return;
    this.#delivered ??= new Set();
    this.#unannounced ??= new Set();
    this.#delivered.add(id);
    this.#unannounced.add(id);
    if (this.#delivered.size <= MAX_REMEMBERED) return;
    const [oldest = ""] = this.#delivered;
    this.#delivered.delete(oldest);
    this.#unannounced.delete(oldest);
  }

  /** Announced results count as delivered: that is how they are carried over into a new file. */
  announce(id: string): void {
    this.add(id);
    this.#unannounced?.delete(id);
  }
}

export const NO_RESULTS: RememberedResults = { delivered: [], unannounced: [], damagedLines: 0, isNew: true };

/** Parses one line; `null` when it is not a result. */
export function parseLine(line: string): { id?: string; announced?: readonly string[] } | null {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return null;
  }
  if (typeof value !== "object" || value === null) return null;
  const id = ownMember(value, "id");
  const announced = ownMember(value, "announced");
  const entry = {
    ...(isId(id) && { id }),
    ...(Array.isArray(announced) && { announced: announced.filter(isId) }),
  };
  return entry.id === undefined && entry.announced === undefined ? null : entry;
}

export function isId(value: unknown): value is string {
  return typeof value === "string" && value.length <= MAX_ID_LENGTH;
}

/** The line for a result. If it would be too long, its texts are shortened and it is marked `truncated`. */
export function resultLine(entry: ResultEntry): string {
  const whole = JSON.stringify(entry);
  if (fits(whole)) return whole;
  for (let limit = MAX_LINE_BYTES / 4; limit >= 64; limit /= 2) {
    const line = JSON.stringify({ ...entry, ...cut(entry, limit), truncated: true });
    if (fits(line)) return line;
  }
  return JSON.stringify({ id: entry.id, truncated: true });
}

const fits = (line: string): boolean => Buffer.byteLength(line) < MAX_LINE_BYTES;

function cut(entry: ResultEntry, limit: number): Record<string, string> {
  const texts = Object.entries(entry).filter(
    (field): field is [string, string] => typeof field[1] === "string" && field[1].length > limit,
  );
  return Object.fromEntries(
    texts.filter(([name]) => name !== "id").map(([name, text]) => [name, text.slice(0, limit)]),
  );
}

/** The lines that record which results were announced to the workspace; without any, that a record exists. */
export function announcedLines(ids: readonly string[]): string[] {
  if (ids.length === 0) return [JSON.stringify({ announced: [] })];
  const lines: string[] = [];
  let batch: string[] = [];
  let bytes = 0;
  const flush = () => {
    if (batch.length > 0) lines.push(JSON.stringify({ announced: batch }));
    batch = [];
    bytes = 0;
  };
  for (const id of ids) {
    batch.push(id);
    bytes += JSON.stringify(id).length;
    if (bytes > ANNOUNCED_LINE_BYTES) flush();
  }
  flush();
  return lines;
}
