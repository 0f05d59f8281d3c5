import type fc from "fast-check";
import type { AccessOptions, TokenStorage } from "../../../src/storage.ts";

/** What a storage is like in one run. */
export interface StorageKind {
  /** Keeps the tokens of several platforms apart. */
  readonly apart: boolean;
  readonly replace: boolean;
  /** Reads what is stored when it answers; else what was stored when it was asked. */
  readonly fresh: boolean;
  /** Stops when its signal aborts; one that does not may write long after it was given up. */
  readonly heedful: boolean;
}

/** A token that was stored, in place of what, and by whose call. */
export interface Commit {
  readonly slot: string;
  readonly before: string | null;
  readonly token: string;
  readonly access: AccessOptions | undefined;
}

/** A storage whose every step comes when the scheduler says so, and that can be broken and made to hang. */
export class ScheduledStorage implements TokenStorage {
  readonly location = "scheduled";
  readonly slots: Map<string, string> = new Map();
  readonly commits: Commit[] = [];
  /** Tokens that it was asked to store. */
  readonly calls: string[] = [];
  /** Who stored last, by slot. */
  readonly lastWriter: Map<string, "the auth" | "another process"> = new Map();
  readable = true;
  writable = true;
  #gate: Promise<void> | null = null;
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

  slotOf(access: AccessOptions | undefined): string {
    return this.#kind.apart ? (access?.platformOrigin ?? "") : "the only one";
  }

  hang(): void {
    this.#gate ??= new Promise((resolve) => {
      this.#open = resolve;
    });
  }

  release(): void {
    this.#open();
    this.#gate = null;
  }

  /** Another process stores a token. */
  change(slot: string, token: string, writer: "the auth" | "another process" = "another process"): void {
    this.slots.set(slot, token);
    this.lastWriter.set(slot, writer);
    for (const changed of this.#watchers) changed();
  }

  async #step(label: string, access: AccessOptions | undefined): Promise<void> {
    await this.#gate;
    await this.#scheduler.schedule(Promise.resolve(), label);
    if (this.#kind.heedful && access?.signal?.aborted) throw access.signal.reason;
  }

  #commit(token: string, access: AccessOptions | undefined): void {
    const slot = this.slotOf(access);
    this.commits.push({ slot, before: this.slots.get(slot) ?? null, token, access });
    this.change(slot, token, "the auth");
  }

  async read(access?: AccessOptions): Promise<string | null> {
    const stored = () => this.slots.get(this.slotOf(access)) ?? null;
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
    if ((this.slots.get(this.slotOf(access)) ?? null) !== expected) return false;
    this.#commit(token, access);
    await this.#scheduler.schedule(Promise.resolve(), `flush ${token}`);
    return true;
  }

  watch(changed: () => void): () => void {
    this.#watchers.add(changed);
    return () => void this.#watchers.delete(changed);
  }
}
