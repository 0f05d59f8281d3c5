import type fc from "fast-check";
import type { AccessOptions, TokenStorage } from "../../../src/storage.ts";

/** The storage's properties in one run. */
export interface StorageKind {
  /** Stores the tokens of several platforms separately. */
  readonly apart: boolean;
  readonly replace: boolean;
  /** Reads the state at the time of the answer; otherwise at the time of the call. */
  readonly fresh: boolean;
  /** Stops when its signal aborts; otherwise it may write long after the caller gave up. */
  readonly heedful: boolean;
}

/** A stored token, the token it replaced, and the writer. */
export interface Commit {
  readonly entry: string;
  readonly before: string | null;
  readonly token: string;
  readonly access: AccessOptions | undefined;
}

/** A storage whose steps are ordered by the scheduler, and that can fail and hang. */
export class ScheduledStorage implements TokenStorage {
  readonly location = "scheduled";
  readonly entries: Map<string, string> = new Map();
  readonly commits: Commit[] = [];
  /** Tokens passed to `write` and `replace`. */
  readonly calls: string[] = [];
  /** The last writer of each entry. */
  readonly lastWriter: Map<string, "the auth" | "another process"> = new Map();
  readable = true;
  writable = true;
  #hang: Promise<void> | null = null;
  #open = () => {};
  readonly #watchers = new Set<() => void>();
  replace?: (expected: string | null, token: string, access?: AccessOptions) => Promise<boolean>;

  readonly #kind: StorageKind;
  readonly #scheduler: fc.Scheduler;

  constructor(kind: StorageKind, scheduler: fc.Scheduler) {
    this.#kind = kind;
    this.#scheduler = scheduler;
    if (kind.replace) this.replace = (...given) => this.#replace(...given);
  }

  entryOf(access: AccessOptions | undefined): string {
    return this.#kind.apart ? (access?.platformOrigin ?? "") : "the only one";
  }

  hang(): void {
    this.#hang ??= new Promise((resolve) => {
      this.#open = resolve;
    });
  }

  release(): void {
    this.#open();
    this.#hang = null;
  }

  /** Another process stores a token. */
  change(entry: string, token: string, writer: "the auth" | "another process" = "another process"): void {
    this.entries.set(entry, token);
    this.lastWriter.set(entry, writer);
    for (const changed of this.#watchers) changed();
  }

  async #step(label: string, access: AccessOptions | undefined): Promise<void> {
    await this.#hang;
    await this.#scheduler.schedule(Promise.resolve(), label);
    if (this.#kind.heedful && access?.signal?.aborted) throw access.signal.reason;
  }

  #commit(token: string, access: AccessOptions | undefined): void {
    const entry = this.entryOf(access);
    this.commits.push({ entry, before: this.entries.get(entry) ?? null, token, access });
    this.change(entry, token, "the auth");
  }

  async read(access?: AccessOptions): Promise<string | null> {
    const stored = () => this.entries.get(this.entryOf(access)) ?? null;
    const [early, readable] = [stored(), this.readable];
    await this.#step(`read ${early}`, access);
    if (!readable) throw new Error("cannot be read");
    return this.#kind.fresh ? stored() : early;
  }

  async write(token: string, access?: AccessOptions): Promise<void> {
    this.calls.push(token);
    await this.#step(`write ${token}`, access);
    if (!this.writable) throw new Error("cannot be written");
    this.#commit(token, access);
    await this.#scheduler.schedule(Promise.resolve(), `flush ${token}`);
  }

  async #replace(expected: string | null, token: string, access?: AccessOptions): Promise<boolean> {
    this.calls.push(token);
    await this.#step(`replace ${expected} by ${token}`, access);
    if (!this.writable) throw new Error("cannot be written");
    if ((this.entries.get(this.entryOf(access)) ?? null) !== expected) return false;
    this.#commit(token, access);
    await this.#scheduler.schedule(Promise.resolve(), `flush ${token}`);
    return true;
  }

  watch(changed: () => void): () => void {
    this.#watchers.add(changed);
    return () => void this.#watchers.delete(changed);
  }
}
