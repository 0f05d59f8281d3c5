import type { TokenStorage } from "../../src/storage.ts";

/** A storage that a test looks into, changes behind the auth's back, and breaks. */
export interface TestStorage extends TokenStorage {
  stored: string | null;
  reads: number;
  /** Every text that was asked to be written, also those that failed. */
  readonly writes: string[];
  readFailure: unknown;
  writeFailure: unknown;
  /** Somebody else writes, and whoever watches is told. */
  change(text: string | null): void;
}

export function testStorage(initial: string | null = null): TestStorage {
  const listeners = new Set<() => void>();
  return {
    location: "/configs/.auth_token",
    stored: initial,
    reads: 0,
    writes: [],
    readFailure: undefined,
    writeFailure: undefined,
    async read() {
      this.reads += 1;
      if (this.readFailure !== undefined) throw this.readFailure;
      return this.stored;
    },
    async write(token) {
      this.writes.push(token);
      if (this.writeFailure !== undefined) throw this.writeFailure;
      this.stored = token;
      for (const listener of listeners) listener();
    },
    watch(changed) {
      listeners.add(changed);
      return () => void listeners.delete(changed);
    },
    change(text) {
      this.stored = text;
      for (const listener of listeners) listener();
    },
  };
}

/** What Node's file system throws, with a path and a secret-looking detail that must not be repeated. */
export function systemError(code: string, detail: string): Error {
  return Object.assign(new Error(`${code}: it went wrong, ${detail}`), { code, detail });
}

/** A storage that keeps the tokens of several platforms apart. */
export function apartStorage(stored: Record<string, string>): {
  storage: TokenStorage;
  stored: Record<string, string>;
} {
  const storage: TokenStorage = {
    location: "apart",
    read: async (options) => stored[options?.platformOrigin ?? ""] ?? null,
    async write(token, options) {
      stored[options?.platformOrigin ?? ""] = token;
    },
  };
  return { storage, stored };
}
