import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { authError } from "../test/support/errors.ts";
import { hanging, heldWrites, saveUntilLimit, setUp } from "../test/support/hanging.ts";
import { fileToken, newToken, rotatedToken } from "../test/support/tokens.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
afterEach(() => void vi.useRealTimers());

describe("a save", () => {
  it("that settles late counts if no newer one began", async () => {
    const { storage, state } = hanging();
    state.hang.read = false;
    const { auth, types } = setUp(storage);
    await saveUntilLimit(auth, newToken);
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
    const writes = heldWrites(storage);
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
    await saveUntilLimit(auth, newToken);
    state.hang.write = false;
    await auth.saveToken(newToken);
    state.release();
    await vi.advanceTimersByTimeAsync(0);
    expect(types()).toStrictEqual(["save-failed", "token-saved", "token-saved"]);
  });

  it("that fails late, before any was stored, leaves the newer one in flight alone", async () => {
    const { storage, state } = hanging();
    state.hang.read = false;
    const { auth } = setUp(storage);
    const { write } = storage;
    const writes = heldWrites(storage);
    await saveUntilLimit(auth, newToken);
    storage.write = write;
    const saved = auth.saveToken(rotatedToken);
    await vi.advanceTimersByTimeAsync(0);
    const unhandled = vi.fn();
    process.on("unhandledRejection", unhandled);
    writes[0]?.fail(new Error("gone"));
    await new Promise(setImmediate);
    process.off("unhandledRejection", unhandled);
    expect(unhandled).not.toHaveBeenCalled();
    state.release();
    await saved;
    expect(state.stored).toBe(rotatedToken);
  });

  it("that is replaced while a late one is checked does not come back", async () => {
    const { storage, state } = hanging();
    state.hang.read = false;
    const { auth, types } = setUp(storage);
    await saveUntilLimit(auth, newToken);
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
    const { write } = storage;
    const writes = heldWrites(storage);
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
