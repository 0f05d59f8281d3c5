import type { TokenStorage } from "../../src/storage.ts";

/** A storage that a test can inspect, change without the auth's knowledge, and break. */
export interface TestStorage extends TokenStorage {
  stored: string | null;
  reads: number;
  /** Every text passed to `write`, including failed ones. */
  readonly writes: string[];
  readFailure: unknown;
  writeFailure: unknown;
  /** Another process writes, and watchers are notified. */
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

/** An error of Node's file system, with a path and a secret-looking detail that must not be repeated. */
export function systemError(code: string, detail: string): Error {
  return Object.assign(new Error(`${code}: it went wrong, ${detail}`), { code, detail });
}

/** A storage that stores the tokens of several platforms separately. */
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
