import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { authError } from "../test/support/errors.ts";
import { envToken, fileToken, newToken, rotatedToken } from "../test/support/tokens.ts";
import { createAuth } from "./create-auth.ts";
import type { AuthEvent } from "./events.ts";
import { type AccessOptions, memoryTokenStorage, type TokenStorage } from "./storage.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
afterEach(() => void vi.useRealTimers());

const never = () => new Promise<never>(() => {});

/** A storage whose calls all hang until they are released, whatever their signal does. */
function hanging(stored: string | null = null) {
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

function setUp(storage: TokenStorage, more = {}) {
  const events: AuthEvent[] = [];
  const env = { MOLECULE_WORKSPACE_TOKEN: envToken, PLATFORM_URL: "https://p.example" };
  const auth = createAuth({ storage, env, onEvent: (event) => events.push(event), ...more });
  return { auth, events, types: () => events.map(({ type }) => type) };
}

describe("a source that does not answer", () => {
  it("counts as failed after five seconds, is aborted, and the next one is read", async () => {
    const { storage, state, reasons } = hanging();
    const { auth, events } = setUp(storage);
    const token = auth.getToken();
    await vi.advanceTimersByTimeAsync(4_999);
    expect(state.aborted).toStrictEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(await token).toBe(envToken);
    expect(state.aborted).toStrictEqual(["read"]);
    expect(reasons.map(String)).toStrictEqual(["TimeoutError: No answer within 5000 ms"]);
    expect(events).toMatchObject([
      {
        type: "source-failed",
        source: "storage",
        location: "row",
        error: { code: "STORAGE_READ_FAILED", message: "row cannot be read (TimeoutError)." },
      },
    ]);
  });

  it("has sourceTimeoutMs to answer", async () => {
    const { auth } = setUp(hanging().storage, { sourceTimeoutMs: 20 });
    const explained = auth.explain();
    await vi.advanceTimersByTimeAsync(20);
    expect((await explained).sources.map(({ state }) => state)).toContain("failed");
  });

  it.each([0, -1, Number.NaN])("cannot have a timeout of %d ms", (sourceTimeoutMs) => {
    const create = () => setUp(hanging().storage, { sourceTimeoutMs });
    expect(create).toThrow(TypeError);
    expect(create).toThrow(/sourceTimeoutMs/);
  });

  it("may have a timeout longer than a timer's maximum", async () => {
    const { storage, state } = hanging(fileToken);
    state.hang.read = false;
    const { auth } = setUp(storage, { sourceTimeoutMs: Number.POSITIVE_INFINITY });
    expect(await auth.getToken()).toBe(fileToken);
  });

  it("leaves no timer behind after answering", async () => {
    const { storage, state } = hanging(fileToken);
    state.hang.read = false;
    await setUp(storage).auth.getToken();
    expect(vi.getTimerCount()).toBe(0);
  });

  it("needs no timer when it answers synchronously", async () => {
    vi.stubGlobal("setTimeout", undefined);
    const { auth } = setUp({ location: "memory", read: () => fileToken, write() {} });
    expect(await auth.getToken()).toBe(fileToken);
    vi.unstubAllGlobals();
  });
});

describe("a save", () => {
  it("does not wait for a read that hangs, and its token is in use at once", async () => {
    const { storage, state } = hanging();
    state.hang.write = false;
    const { auth } = setUp(storage);
    const saving = auth.saveToken(newToken);
    expect(await auth.getToken()).toBe(newToken);
    await vi.advanceTimersByTimeAsync(500);
    await saving;
    expect(state.stored).toBe(newToken);
  });

  it("that hangs fails at the limit, and leaves the token unsaved and in use", async () => {
    const { storage, state } = hanging();
    state.hang.read = false;
    const { auth, types } = setUp(storage);
    const failed = authError("STORAGE_WRITE_FAILED", () => auth.saveToken(newToken));
    await vi.advanceTimersByTimeAsync(5_000);
    await failed;
    expect(state.aborted).toStrictEqual(["write issd"]);
    expect(types()).toStrictEqual(["save-failed"]);
    expect(await auth.refreshCache()).toBe(newToken);
  });

  it("waits for one that hangs only up to the limit, and the newest token is stored in the end", async () => {
    const { storage, state } = hanging(fileToken);
    state.hang.read = false;
    const { auth, types } = setUp(storage);
    const first = authError("STORAGE_WRITE_FAILED", () => auth.saveToken(newToken));
    await vi.advanceTimersByTimeAsync(0);
    const { release } = state;
    const second = auth.saveToken(rotatedToken);
    state.hang.write = false;
    await vi.advanceTimersByTimeAsync(5_000);
    await first;
    await second;
    expect(state.stored).toBe(rotatedToken);
    // The storage ignored its signal: it writes now.
    release();
    await vi.advanceTimersByTimeAsync(0);
    expect(state.stored).toBe(rotatedToken);
    expect(types().at(-1)).toBe("token-saved");
    expect(await auth.refreshCache()).toBe(rotatedToken);
  });

  it("does not wait for an async listener that hangs", async () => {
    const auth = createAuth({ storage: memoryTokenStorage(), onEvent: never });
    await auth.saveToken(newToken);
    await auth.saveToken(rotatedToken);
    expect(await auth.getToken()).toBe(rotatedToken);
  });

  it("that has been aborted is not written back", async () => {
    const { storage, state } = hanging(fileToken);
    state.hang.read = false;
    const { auth, types } = setUp(storage);
    const first = authError("STORAGE_WRITE_FAILED", () => auth.saveToken(newToken));
    await vi.advanceTimersByTimeAsync(0);
    const { release } = state;
    const control = new AbortController();
    const second = auth.saveToken(rotatedToken, { signal: control.signal });
    state.hang.write = false;
    await vi.advanceTimersByTimeAsync(5_000);
    await Promise.all([first, second]);
    control.abort();
    release();
    await vi.advanceTimersByTimeAsync(0);
    expect(state.stored).toBe(newToken);
    expect(types().slice(-2)).toStrictEqual(["token-saved", "save-failed"]);
    expect(await auth.refreshCache()).toBe(rotatedToken);
  });

  it("that settles late counts if no newer one began", async () => {
    const { storage, state } = hanging();
    state.hang.read = false;
    const { auth, types } = setUp(storage);
    const failed = authError("STORAGE_WRITE_FAILED", () => auth.saveToken(newToken));
    await vi.advanceTimersByTimeAsync(5_000);
    await failed;
    state.release();
    await vi.advanceTimersByTimeAsync(0);
    expect(types()).toStrictEqual(["save-failed", "token-saved"]);
    expect((await auth.explain()).sources.map(({ state: of }) => of)).toStrictEqual([
      "used",
      "empty",
      "shadowed",
      "shadowed",
    ]);
  });

  it("waits for all earlier ones that hang only up to the limit", async () => {
    const { storage, state } = hanging();
    state.hang.read = false;
    const write = vi.spyOn(storage, "write");
    const { auth } = setUp(storage);
    const saves = [fileToken, newToken, rotatedToken].map((token) =>
      authError("STORAGE_WRITE_FAILED", () => auth.saveToken(token)),
    );
    await vi.advanceTimersByTimeAsync(5_000);
    expect(write.mock.calls.map(([token]) => token)).toContain(rotatedToken);
    await vi.advanceTimersByTimeAsync(10_000);
    await Promise.all(saves);
  });

  it("reads the storage once, whatever was saved before", async () => {
    const { storage, state } = hanging();
    Object.assign(state.hang, { read: false, write: false });
    const read = vi.spyOn(storage, "read");
    const { auth } = setUp(storage);
    await auth.saveToken(newToken);
    await auth.saveToken(rotatedToken);
    await vi.advanceTimersByTimeAsync(0);
    expect(read).toHaveBeenCalledTimes(2);
  });

  it.each([
    ["is stored, is stored once", "stored", newToken, 2],
    ["is stored, and then fails, is not replaced by an older one", "failed after", newToken, 1],
  ])("that settles after a newer one has failed, and %s", async (_, end, stored, saved) => {
    const { storage, state } = hanging();
    Object.assign(state.hang, { read: false, write: false });
    const { auth, types } = setUp(storage);
    await auth.saveToken(fileToken);
    const { write } = storage;
    storage.write = async (token, options) => {
      if (token === rotatedToken) throw new Error("full");
      await write(token, options);
      if (end === "failed after") throw new Error("not flushed");
    };
    state.hang.write = true;
    const saves = [newToken, rotatedToken].map((token) =>
      authError("STORAGE_WRITE_FAILED", () => auth.saveToken(token)),
    );
    await vi.advanceTimersByTimeAsync(5_000);
    await Promise.all(saves);
    state.hang.write = false;
    state.release();
    await vi.advanceTimersByTimeAsync(0);
    expect(state.stored).toBe(stored);
    expect(types().filter((type) => type === "token-saved")).toHaveLength(saved);
  });

  it("that is stored only after it has failed does not replace a newer one", async () => {
    const { storage, state } = hanging();
    Object.assign(state.hang, { read: false, write: false });
    const { auth } = setUp(storage);
    await auth.saveToken(fileToken);
    const { write } = storage;
    const writes: { end(): void; fail(error: Error): void }[] = [];
    storage.write = () => new Promise((end, fail) => writes.push({ end, fail }));
    const saves = [newToken, rotatedToken].map((token) => auth.saveToken(token).catch(() => {}));
    await vi.advanceTimersByTimeAsync(5_000);
    writes[0]?.fail(new Error("gave up"));
    await vi.advanceTimersByTimeAsync(0);
    state.stored = newToken;
    storage.write = write;
    writes[1]?.end();
    await Promise.all(saves);
    await vi.advanceTimersByTimeAsync(0);
    expect(state.stored).toBe(rotatedToken);
  });

  it("that settles while a newer one is in flight does not replace it, even if another one settled before", async () => {
    const { storage, state } = hanging();
    state.hang.read = false;
    const { auth } = setUp(storage);
    const { write } = storage;
    const ends = new Map<string, () => void>();
    storage.write = (token) => new Promise((end) => void ends.set(token, end));
    const tokens = [fileToken, newToken, rotatedToken];
    const saves = tokens.map((token) => auth.saveToken(token).catch(() => {}));
    await vi.advanceTimersByTimeAsync(5_000);
    // The second one overwrote the third one, which is still being flushed.
    state.stored = newToken;
    state.hang.write = false;
    storage.write = write;
    for (const token of tokens) {
      ends.get(token)?.();
      await vi.advanceTimersByTimeAsync(0);
    }
    await Promise.all(saves);
    expect(state.stored).toBe(rotatedToken);
  });

  it("that settles late is not followed by another one of the same token", async () => {
    const { storage, state } = hanging();
    state.hang.read = false;
    const { auth, types } = setUp(storage);
    const failed = authError("STORAGE_WRITE_FAILED", () => auth.saveToken(newToken));
    await vi.advanceTimersByTimeAsync(5_000);
    await failed;
    state.hang.write = false;
    await auth.saveToken(newToken);
    state.release();
    await vi.advanceTimersByTimeAsync(0);
    expect(types()).toStrictEqual(["save-failed", "token-saved", "token-saved"]);
  });

  it("that is replaced while a late one is checked does not come back", async () => {
    const { storage, state } = hanging();
    state.hang.read = false;
    const { auth, types } = setUp(storage);
    const failed = authError("STORAGE_WRITE_FAILED", () => auth.saveToken(newToken));
    await vi.advanceTimersByTimeAsync(5_000);
    await failed;
    state.hang.write = false;
    await auth.saveToken(rotatedToken);
    const { read } = storage;
    let answer = () => {};
    storage.read = () => new Promise((resolve) => (answer = () => resolve(newToken)));
    state.release();
    await vi.advanceTimersByTimeAsync(0);
    storage.read = read;
    await auth.saveToken(fileToken);
    answer();
    await vi.advanceTimersByTimeAsync(0);
    expect(state.stored).toBe(fileToken);
    expect(types()).not.toContain("save-conflict");
    expect((await auth.explain()).sources).not.toContainEqual(
      expect.objectContaining({ source: "unsaved", state: "available" }),
    );
  });

  it("that was stored but not flushed is written again, even if an earlier one was flushed meanwhile", async () => {
    const { storage, state } = hanging();
    state.hang.read = false;
    const { auth } = setUp(storage);
    const writes: { end(): void; fail(error: Error): void }[] = [];
    const { write } = storage;
    storage.write = () => new Promise((end, fail) => writes.push({ end, fail }));
    const saves = [newToken, rotatedToken].map((token) => auth.saveToken(token).catch(() => {}));
    await vi.advanceTimersByTimeAsync(5_000);
    writes[0]?.end();
    await vi.advanceTimersByTimeAsync(0);
    state.stored = rotatedToken;
    writes[1]?.fail(new Error("not flushed"));
    await Promise.all(saves);
    let count = 0;
    state.hang.write = false;
    storage.write = (token, options) => {
      count += 1;
      return write(token, options);
    };
    await auth.saveToken(rotatedToken);
    expect(count).toBe(1);
  });

  it("that fails after a newer one was stored changes nothing", async () => {
    const { storage, state } = hanging();
    Object.assign(state.hang, { read: false, write: false });
    const { auth, types } = setUp(storage);
    const { write } = storage;
    let release = () => {};
    const released = new Promise<void>((resolve) => (release = resolve));
    storage.write = async (token, options) => {
      if (token === rotatedToken) return write(token, options);
      await released;
      throw new Error("full");
    };
    const first = authError("STORAGE_WRITE_FAILED", () => auth.saveToken(newToken));
    const second = auth.saveToken(rotatedToken);
    await vi.advanceTimersByTimeAsync(5_000);
    await Promise.all([first, second]);
    release();
    await vi.advanceTimersByTimeAsync(0);
    expect(state.stored).toBe(rotatedToken);
    expect(types()).toStrictEqual(["token-saved", "save-failed"]);
  });
});
