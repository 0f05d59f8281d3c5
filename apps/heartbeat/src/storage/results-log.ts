import type { FileCalls } from "./file-calls.ts";
import { RESULTS_FILE } from "./locations.ts";
import type { ResultsPlace } from "./operations.ts";
import { announcedLines, isId, ResultsMemory, resultLine } from "./results-lines.ts";
import type { LoadedResults, ResultEntry, ResultsLog, WorkspaceRef } from "./workspace-store.ts";

/** What all logs of a store share. */
export interface ResultsKind {
  readonly calls: FileCalls;
  readonly rotateBytes: number;
}

interface CallOptions {
  readonly signal?: AbortSignal;
}

/** The results that were delivered to one workspace, in the file next to its token. One object for each workspace. */
export class FileResultsLog implements ResultsLog {
  readonly #kind: ResultsKind;
  readonly #ref: WorkspaceRef;
  /** `null` when it must be read: for the first time, or after a failed append left its content uncertain. */
  #memory: ResultsMemory | null = null;
  /** `null` when none is in flight. */
  #last: Promise<unknown> | null = null;

  constructor(kind: ResultsKind, ref: WorkspaceRef) {
    this.#kind = kind;
    this.#ref = ref;
  }

  get location(): string {
    return this.#prepare("read").subject.location;
  }

  async load({ signal }: CallOptions = {}): Promise<LoadedResults> {
    const { delivered, unannounced, damagedLines, isNew } = await this.#inTurn(() => this.#load(signal));
    return { delivered, unannounced, damagedLines, isNew };
  }

  /** Skips results already in the file, and those whose ids cannot be remembered. */
  append(entries: readonly ResultEntry[], { signal }: CallOptions = {}): Promise<void> {
    return this.#inTurn(async () => {
      const memory = await this.#load(signal);
      const unknown = entries.filter(({ id }) => isId(id) && !memory.has(id));
      const fresh = new Map(unknown.map((entry) => [entry.id, entry]));
      await this.#write([...fresh.values()].map(resultLine), signal);
      for (const id of fresh.keys()) memory.add(id);
    });
  }

  markAnnounced(ids: readonly string[], { signal }: CallOptions = {}): Promise<void> {
    return this.#inTurn(async () => {
      const memory = await this.#load(signal);
      const known = ids.filter(isId);
      // An empty list records that the history begins here; a list of only unrememberable results records nothing.
      if (known.length > 0 || ids.length === 0) await this.#write(announcedLines(known), signal);
      for (const id of known) memory.announce(id);
    });
  }

  async #load(signal: AbortSignal | undefined): Promise<ResultsMemory> {
    if (this.#memory !== null) return this.#memory;
    const { place, subject } = this.#prepare("read");
    this.#memory = new ResultsMemory(await this.#kind.calls.call("loadResults", place, { subject, signal }));
    return this.#memory;
  }

  async #write(lines: readonly string[], signal: AbortSignal | undefined): Promise<void> {
    if (lines.length === 0) return;
    const { place, subject } = this.#prepare("write");
    try {
      await this.#kind.calls.call("appendResults", { place, lines }, { subject, signal });
      if (this.#memory !== null) this.#memory.isNew = false;
    } catch (error) {
      this.#memory = null;
      throw error;
    }
  }

  /** One after another, so that each call sees the results of the one before. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last === null ? work() : this.#last.then(work);
    const settled: Promise<unknown> = turn
      .catch(() => {})
      .then(() => {
        if (this.#last === settled) this.#last = null;
      });
    this.#last = settled;
    return turn;
  }

  #prepare(access: "read" | "write") {
    const { calls, rotateBytes } = this.#kind;
    const place: ResultsPlace = { ...calls.place(this.#ref, "workspaces"), rotateBytes };
    return { place, subject: calls.subject("The results", place, { fileName: RESULTS_FILE, access }) };
  }
}
