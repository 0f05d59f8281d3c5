import type { TokenStorage } from "@x/auth-core";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { newToken, rotatedToken, uniqueName } from "../test/tokens.ts";
import { indexedDbTokenStorage } from "./indexed-db-storage.ts";
import { webTokenStorage } from "./web-storage.ts";

const A = { platformOrigin: "https://a.example" };
const B = { platformOrigin: "https://b.example" };

const kinds: Record<string, () => TokenStorage> = {
  sessionStorage: () => webTokenStorage({ storage: () => sessionStorage, key: uniqueName() }),
  localStorage: () => webTokenStorage({ storage: () => localStorage, key: uniqueName() }),
  IndexedDB: () => indexedDbTokenStorage({ database: uniqueName() }),
};

describe.each(Object.entries(kinds))("in %s", (_, create) => {
  it("the tokens of several platforms are stored separately", async () => {
    const storage = create();
    await storage.write(newToken, A);
    expect(await storage.read(B)).toBeNull();
    await storage.write(rotatedToken, B);
    expect([await storage.read(A), await storage.read(B), await storage.read()]).toEqual([
      newToken,
      rotatedToken,
      null,
    ]);
    await storage.remove?.(B);
    expect([await storage.read(A), await storage.read(B)]).toEqual([newToken, null]);
  });

  it("a token of the first layout is migrated to the first platform that reads it, once", async () => {
    const storage = create();
    await storage.write(newToken);
    expect(await storage.read(A)).toBe(newToken);
    expect([await storage.read(B), await storage.read(), await storage.read(A)]).toEqual([
      null,
      null,
      newToken,
    ]);
  });

  it("a token of the first layout can be replaced, removed and overwritten like the platform's own", async () => {
    const storage = create();
    await storage.write(newToken);
    expect(await storage.replace?.(newToken, rotatedToken, A)).toBe(true);
    expect([await storage.read(A), await storage.read(B)]).toEqual([rotatedToken, null]);
    await storage.write(newToken);
    await storage.remove?.(B);
    expect(await storage.read()).toBeNull();
    await storage.write(newToken);
    await storage.write(rotatedToken, B);
    expect([await storage.read(), await storage.read(B)]).toEqual([null, rotatedToken]);
  });

  it("a watcher is called for every platform", async () => {
    const storage = create();
    const heard = vi.fn();
    const stop = storage.watch?.(heard);
    await storage.write(newToken, A);
    await expect.poll(() => heard).toHaveBeenCalledTimes(1);
    await storage.write(rotatedToken, B);
    await expect.poll(() => heard).toHaveBeenCalledTimes(2);
    await storage.replace?.(rotatedToken, newToken, B);
    await expect.poll(() => heard).toHaveBeenCalledTimes(3);
    stop?.();
  });

  it("a probe leaves nothing behind", async () => {
    const storage = create();
    await storage.probe?.(A);
    expect([await storage.read(A), await storage.read()]).toEqual([null, null]);
    expect(Object.keys(localStorage).filter((key) => key.endsWith(".probe"))).toEqual([]);
  });
});

describe("replace in Web Storage", () => {
  it("still compares without locks, or if the browser denies them", async () => {
    const rejected = { request: () => Promise.reject(new DOMException("", "SecurityError")) };
    for (const locks of [undefined, rejected]) {
      vi.stubGlobal("navigator", { locks });
      onTestFinished(() => void vi.unstubAllGlobals());
      const storage = kinds.localStorage?.() ?? expect.fail();
      expect(await storage.replace?.(null, newToken, A)).toBe(true);
      expect(await storage.replace?.(null, rotatedToken, A)).toBe(false);
      expect(await storage.read(A)).toBe(newToken);
    }
  });

  it("reports why it cannot write", async () => {
    const storage = webTokenStorage({
      storage: () => {
        throw new DOMException("", "SecurityError");
      },
    });
    await expect(storage.replace?.(null, newToken)).rejects.toMatchObject({
      code: "STORAGE_WRITE_FAILED",
    });
    await expect(storage.probe?.()).rejects.toMatchObject({ code: "STORAGE_WRITE_FAILED" });
  });
});

describe("a token of the first layout that cannot be migrated for lack of space", () => {
  it("is used in place", async () => {
    const store = new Map([["k", newToken]]);
    const storage = webTokenStorage({
      key: "k",
      storage: {
        getItem: (key) => store.get(key) ?? null,
        setItem() {
          throw new DOMException("", "QuotaExceededError");
        },
        removeItem: (key) => void store.delete(key),
      },
    });
    expect([await storage.read(A), await storage.read(A)]).toEqual([newToken, newToken]);
  });
});

describe("an aborted signal", () => {
  it("ends the wait for a database locked by another tab, with its reason", async () => {
    const database = uniqueName();
    const storage = indexedDbTokenStorage({ database });
    await storage.write(newToken, A);
    const open = indexedDB.open(database);
    await new Promise((resolve) => open.addEventListener("success", resolve));
    const upgrade = indexedDB.open(database, 7);
    await new Promise((resolve) => upgrade.addEventListener("blocked", resolve));
    const control = new AbortController();
    const { signal } = control;
    const calls = [storage.read({ ...A, signal }), storage.write(rotatedToken, { ...A, signal })];
    const reason = new Error("enough");
    control.abort(reason);
    for (const call of calls) await expect(call).rejects.toBe(reason);
    open.result.close();
    await new Promise((resolve) => upgrade.addEventListener("success", resolve));
    upgrade.result.close();
    expect(await storage.read(A)).toBe(newToken);
  });
});
