import { vi } from "vitest";
import type { Auth } from "../../src/auth.ts";
import { createAuth } from "../../src/create-auth.ts";
import type { AuthEvent } from "../../src/events.ts";
import type { AccessOptions, TokenStorage } from "../../src/storage.ts";
import { authError } from "./errors.ts";
import { envToken } from "./tokens.ts";

export const never = () => new Promise<never>(() => {});

/** A storage whose calls all hang until they are released, whatever their signal does. */
export function hanging(stored: string | null = null) {
  const state = { stored, hang: { read: true, write: true }, aborted: [] as string[], release: () => {} };
  const reasons: unknown[] = [];
  const released = () => new Promise<void>((resolve) => (state.release = resolve));
  const note = (what: string, options?: AccessOptions) =>
    options?.signal?.addEventListener("abort", () => {
      state.aborted.push(what);
      reasons.push(options.signal?.reason);
    });
  const storage: TokenStorage = {
    location: "row",
    async read(options) {
      note("read", options);
      if (state.hang.read) await never();
      return state.stored;
    },
    async write(token, options) {
      note(`write ${token.slice(0, 4)}`, options);
      if (state.hang.write) await released();
      state.stored = token;
    },
  };
  return { state, storage, reasons };
}

export function setUp(storage: TokenStorage, more = {}) {
  const events: AuthEvent[] = [];
  const env = { MOLECULE_WORKSPACE_TOKEN: envToken, PLATFORM_URL: "https://p.example" };
  const auth = createAuth({ storage, env, onEvent: (event) => events.push(event), ...more });
  return { auth, events, types: () => events.map(({ type }) => type) };
}

/** Saves a token whose write hangs, until the save has failed at the limit. */
export async function saveUntilLimit(auth: Auth, token: string): Promise<void> {
  const failed = authError("STORAGE_WRITE_FAILED", () => auth.saveToken(token));
  await vi.advanceTimersByTimeAsync(5_000);
  await failed;
}

/** From now on, each write waits until it is ended; in the order of the calls. */
export function heldWrites(storage: TokenStorage): { end(): void; fail(error: Error): void }[] {
  const writes: { end(): void; fail(error: Error): void }[] = [];
  storage.write = () => new Promise((end, fail) => writes.push({ end, fail }));
  return writes;
}
