import { bytesOf, MAX_REQUEST_BYTES, MAX_WORKSPACE_REQUESTS } from "../limits.ts";
import type { RecordedRequest } from "../recorded-request.ts";

/** One of the last requests of a workspace. */
export interface LoggedRequest {
  /** Increases from 1 over the emulator's lifetime. */
  readonly seq: number;
  readonly workspaceId: string;
  readonly record: RecordedRequest;
}

/** The last requests of each workspace, regardless of the others' traffic. Bounded in bytes: the oldest go first. */
export class RequestLog {
  readonly #byWorkspace = new Map<string, Set<LoggedRequest>>();
  /** All entries, oldest first, with their sizes. */
  readonly #sizes = new Map<LoggedRequest, number>();
  readonly #logged = new WeakMap<RecordedRequest, LoggedRequest>();
  #bytes = 0;
  #seq = 0;

  /** Adds a request, once. Data filled in later is visible, too. */
  add(workspaceId: string, record: RecordedRequest): void {
    if (this.#logged.has(record)) return;
    this.#seq += 1;
    const entry = { seq: this.#seq, workspaceId, record };
    const entries = this.#byWorkspace.get(workspaceId) ?? new Set();
    this.#byWorkspace.set(workspaceId, entries.add(entry));
    this.#logged.set(record, entry);
    const size = bytesOf(record);
    this.#sizes.set(entry, size);
    this.#bytes += size;
    const [oldest] = entries;
    if (oldest && entries.size > MAX_WORKSPACE_REQUESTS) this.#drop(oldest);
    for (const first of this.#sizes.keys()) {
      if (this.#bytes <= MAX_REQUEST_BYTES) break;
      this.#drop(first);
    }
  }

  /** The last requests of a workspace, oldest first. */
  of(workspaceId: string): LoggedRequest[] {
    return [...(this.#byWorkspace.get(workspaceId) ?? [])];
  }

  forget(workspaceId: string): void {
    for (const entry of this.of(workspaceId)) this.#drop(entry);
  }

  clear(): void {
    this.#byWorkspace.clear();
    this.#sizes.clear();
    this.#bytes = 0;
  }

  #drop(entry: LoggedRequest): void {
    this.#bytes -= this.#sizes.get(entry) ?? 0;
    this.#sizes.delete(entry);
    const entries = this.#byWorkspace.get(entry.workspaceId);
    entries?.delete(entry);
    if (entries?.size === 0) this.#byWorkspace.delete(entry.workspaceId);
  }
}
