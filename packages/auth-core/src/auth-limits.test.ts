import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { authError } from "../test/support/errors.ts";
import { hanging, never, saveUntilLimit, setUp } from "../test/support/hanging.ts";
import { envToken, fileToken, newToken, rotatedToken } from "../test/support/tokens.ts";
import { createAuth } from "./create-auth.ts";
import { memoryTokenStorage } from "./storage.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
afterEach(() => void vi.useRealTimers());

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
    await saveUntilLimit(auth, newToken);
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
});
