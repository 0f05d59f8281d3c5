import { getEventListeners } from "node:events";
import { describe, expect, it, vi } from "vitest";
import { testStorage } from "../test/support/storage.ts";
import { fileToken, newToken, rotatedToken } from "../test/support/tokens.ts";
import { createAuth } from "./create-auth.ts";
import type { AuthEvent } from "./events.ts";
import { memoryTokenStorage, type TokenStorage } from "./storage.ts";

const env = { PLATFORM_URL: "https://p.example" };
const reason = new Error("enough");

/** A storage that answers when the test releases it, and honours its signals. */
function gated(stored: string | null = fileToken) {
  const state = { stored, reads: 0, writes: 0, open: () => {} };
  const opened = new Promise<void>((resolve) => (state.open = resolve));
  const storage: TokenStorage = {
    location: "gated",
    async read() {
      state.reads += 1;
      await opened;
      return state.stored;
    },
    async write(token, options) {
      state.writes += 1;
      await Promise.resolve();
      if (options?.signal?.aborted) throw options.signal.reason;
      state.stored = token;
    },
  };
  return { state, storage };
}

describe("an aborted signal", () => {
  it("ends that caller's wait with its reason, and no other caller's", async () => {
    const { storage, state } = gated();
    const auth = createAuth({ storage, env });
    const control = new AbortController();
    const { signal } = control;
    const ended = [
      auth.refreshCache({ signal }),
      auth.getToken({ signal }),
      auth.authHeaders(null, { signal }),
      auth.selfSourceHeaders("a", { signal }),
      auth.explain(null, { signal }),
      auth.recover({ Origin: "https://p.example" }, { signal }),
    ];
    const other = auth.getToken();
    control.abort(reason);
    for (const each of ended) await expect(each).rejects.toBe(reason);
    state.open();
    expect(await other).toBe(fileToken);
    // One read shared by all lookups, and one to explain.
    expect(state.reads).toBe(2);
  });

  it("prevents every call, whether or not the token is cached", async () => {
    const auth = createAuth({ storage: testStorage(fileToken), env });
    await auth.getToken();
    const options = { signal: AbortSignal.abort(reason) };
    for (const call of [
      () => auth.getToken(options),
      () => auth.refreshCache(options),
      () => auth.authHeaders(null, options),
      () => auth.selfSourceHeaders("a", options),
      () => auth.explain(null, options),
    ]) {
      await expect(call()).rejects.toBe(reason);
    }
  });

  it("is not listened to for a cached token", async () => {
    const auth = createAuth({ storage: testStorage(fileToken), env });
    await auth.getToken();
    const { signal } = new AbortController();
    const listen = vi.spyOn(signal, "addEventListener");
    expect(await auth.getToken({ signal })).toBe(fileToken);
    expect(listen).not.toHaveBeenCalled();
  });

  it("leaves no listener on a long-lived signal", async () => {
    const { signal } = new AbortController();
    const auth = createAuth({ storage: testStorage(fileToken), env });
    await auth.getToken({ signal });
    await auth.saveToken(newToken, { signal });
    await auth.explain(null, { signal });
    await Promise.resolve();
    expect(getEventListeners(signal, "abort")).toHaveLength(0);
  });
});

describe("an aborted save", () => {
  it("rejects at once, writes nothing more, and keeps the token in memory", async () => {
    const { storage, state } = gated(null);
    const events: AuthEvent[] = [];
    const auth = createAuth({ storage, env, onEvent: (event) => events.push(event) });
    const control = new AbortController();
    const saving = auth.saveToken(newToken, { signal: control.signal });
    control.abort(reason);
    await expect(saving).rejects.toBe(reason);
    state.open();
    await auth.explain();
    expect([state.writes, state.stored]).toStrictEqual([0, null]);
    expect(events).toMatchObject([{ type: "save-failed", error: { code: "STORAGE_WRITE_FAILED" } }]);
    expect(await auth.refreshCache()).toBe(newToken);
  });

  it("reaches the storage during the write", async () => {
    const { storage, state } = gated(null);
    state.open();
    const auth = createAuth({ storage, env });
    const control = new AbortController();
    const write = storage.write.bind(storage);
    storage.write = (token, options) => {
      control.abort(reason);
      return write(token, options);
    };
    await expect(auth.saveToken(newToken, { signal: control.signal })).rejects.toBe(reason);
    await auth.explain();
    expect(state.stored).toBeNull();
  });

  it("that was waiting for another one never begins", async () => {
    const storage = testStorage();
    const auth = createAuth({ storage, env });
    const control = new AbortController();
    const first = auth.saveToken(newToken);
    const second = auth.saveToken(rotatedToken, { signal: control.signal });
    control.abort(reason);
    await expect(second).rejects.toBe(reason);
    await first;
    await auth.explain();
    expect(storage.writes).toStrictEqual([newToken]);
    // It is still the newest, and not lost.
    expect(await auth.getToken()).toBe(rotatedToken);
  });

  it("that never began is reported as unsaved", async () => {
    const storage = testStorage();
    const events: AuthEvent[] = [];
    const auth = createAuth({ storage, env, onEvent: (event) => events.push(event) });
    const signal = AbortSignal.abort(reason);
    await expect(auth.saveToken(newToken, { signal })).rejects.toBe(reason);
    await auth.explain();
    expect(storage.writes).toStrictEqual([]);
    expect(events.map(({ type }) => type)).toStrictEqual(["save-failed"]);
  });
});

describe("watch with a signal", () => {
  it("leaves no listener on it once unsubscribed: a process may use one signal for all its workspaces", () => {
    const { signal } = new AbortController();
    for (let n = 0; n < 100; n += 1) {
      const auth = createAuth({ storage: memoryTokenStorage(), env });
      auth.watch({ signal })();
    }
    expect(getEventListeners(signal, "abort")).toHaveLength(0);
  });

  it("ends when it aborts, also with a storage that ignores signals", async () => {
    const storage = testStorage(fileToken);
    const events: AuthEvent[] = [];
    const auth = createAuth({ storage, env, onEvent: (event) => events.push(event) });
    const control = new AbortController();
    auth.watch({ signal: control.signal });
    storage.change(newToken);
    control.abort();
    storage.change(rotatedToken);
    expect(events.map(({ type }) => type)).toStrictEqual(["storage-changed"]);
    auth.watch({ signal: control.signal });
    storage.change(fileToken);
    expect(events).toHaveLength(1);
  });
});
