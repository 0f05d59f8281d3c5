import { describeTokenStorage } from "@x/auth-testing";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { failureOf, sandboxedFrame } from "../test/failures.ts";
import { newToken, rotatedToken, uniqueName } from "../test/tokens.ts";
import { webTokenStorage } from "./web-storage.ts";

for (const name of ["sessionStorage", "localStorage"] as const) {
  describeTokenStorage(
    name,
    async () => {
      const key = uniqueName();
      const blocked = await sandboxedFrame();
      let failing = false;
      return {
        storage: webTokenStorage({ storage: () => (failing ? blocked : window)[name], key }),
        reopen: () => webTokenStorage({ storage: window[name], key }),
        failReads() {
          failing = true;
        },
        dispose: () => window[name].removeItem(key),
      };
    },
    { describe, it },
  );
}

/** Uses up this origin's quota. */
function fill(area: Storage): void {
  for (let size = 2 ** 22; size >= 1; size = Math.floor(size / 2)) {
    try {
      for (let part = 0; ; part += 1) area.setItem(`filler-${size}-${part}`, "x".repeat(size));
    } catch {
      // This much no longer fits; a smaller text may.
    }
  }
}

describe("webTokenStorage", () => {
  it("accepts a storage, or a function that returns it", async () => {
    const key = uniqueName();
    await webTokenStorage({ storage: sessionStorage, key }).write(newToken);
    expect(sessionStorage.getItem(key)).toBe(newToken);
    expect(await webTokenStorage({ storage: () => sessionStorage, key }).read()).toBe(newToken);
  });

  it("uses a default key", async () => {
    await webTokenStorage({ storage: sessionStorage }).write(newToken);
    expect(sessionStorage.getItem("workspace-auth-token")).toBe(newToken);
    expect(webTokenStorage({ storage: sessionStorage }).location).toBe(
      'Web Storage, key "workspace-auth-token"',
    );
    sessionStorage.removeItem("workspace-auth-token");
  });

  it("accepts a stand-in for a storage that returns undefined for what it does not have", async () => {
    const stored: Record<string, string> = {};
    const storage = {
      getItem: (key: string) => stored[key] as unknown as string | null,
      setItem: (key: string, text: string) => void Object.assign(stored, { [key]: String(text) }),
      removeItem: (key: string) => void Reflect.deleteProperty(stored, key),
    };
    const platformOrigin = "https://platform.example";
    const tokens = webTokenStorage({ storage, key: "k" });
    expect(await tokens.read({ platformOrigin })).toBeNull();
    expect(await tokens.replace?.(null, newToken, { platformOrigin })).toBe(true);
    expect(stored).toEqual({ [`k@${platformOrigin}`]: newToken });
    await tokens.write(newToken, { platformOrigin: null } as object);
    expect(Object.keys(stored)).toEqual([`k@${platformOrigin}`, "k"]);
  });

  it("reports blocked storage, without the token", async () => {
    const frame = await sandboxedFrame();
    const storage = webTokenStorage({ storage: () => frame.localStorage, key: "k" });
    const read = await failureOf(() => storage.read());
    const write = await failureOf(() => storage.write(newToken));
    expect([read.code, write.code]).toEqual(["STORAGE_READ_FAILED", "STORAGE_WRITE_FAILED"]);
    expect(read.message).toMatch(
      /Web Storage, key "k" cannot be read: .*blocked site data.*\(SecurityError\)/,
    );
    expect(write.message).toMatch(/stays in memory: .*blocked site data/);
    expect(write.message).not.toContain(newToken);
  });

  it("reports an error of another document by its name", async () => {
    const frame = document.createElement("iframe");
    document.body.append(frame);
    const { localStorage: theirs } = frame.contentWindow as Window;
    const storage = webTokenStorage({ storage: theirs, key: uniqueName() });
    onTestFinished(() => theirs.clear());
    fill(theirs);
    expect((await failureOf(() => storage.write(newToken))).message).toMatch(
      /quota .* \(QuotaExceededError\)/,
    );
  });

  it("stops waiting for another tab's lock when the signal aborts, and replaces nothing", async () => {
    const storage = webTokenStorage({ storage: sessionStorage, key: uniqueName() });
    const control = new AbortController();
    await navigator.locks.request(storage.location, async () => {
      const replacing = storage.replace?.(null, newToken, { signal: control.signal });
      control.abort(new Error("enough"));
      await expect(replacing).rejects.toThrow("enough");
    });
    expect(await storage.read()).toBeNull();
  });

  it("reports missing Web Storage, as in a worker", async () => {
    // @ts-expect-error: the value of `globalThis.localStorage` there
    const storage = webTokenStorage({ storage: undefined });
    expect((await failureOf(() => storage.read())).message).toContain("there is no such storage here");
  });

  it("reports an exceeded quota without either token, and keeps the old one", async () => {
    const key = uniqueName();
    const storage = webTokenStorage({ storage: localStorage, key });
    await storage.write(newToken);
    try {
      fill(localStorage);
      const error = await failureOf(() => storage.write(rotatedToken.repeat(10)));
      expect(error.code).toBe("STORAGE_WRITE_FAILED");
      expect(error.message).toMatch(/storage quota for this site is used up \(QuotaExceededError\)/);
      expect(error.message).not.toContain(rotatedToken);
      expect(await storage.read()).toBe(newToken);
    } finally {
      localStorage.clear();
    }
  });

  it("reports a storage that ignores what it cannot store, and loses no token to it", async () => {
    const key = uniqueName();
    sessionStorage.setItem(key, newToken);
    const full = {
      getItem: (name: string) => sessionStorage.getItem(name),
      setItem() {},
      removeItem: (name: string) => sessionStorage.removeItem(name),
    };
    const storage = webTokenStorage({ storage: full, key });
    const access = { platformOrigin: "https://platform.example" };
    expect(await storage.read(access)).toBe(newToken);
    for (const call of [
      () => storage.write(rotatedToken, access),
      () => storage.replace?.(newToken, rotatedToken, access),
      () => storage.probe?.(access),
    ])
      expect((await failureOf(call)).code).toBe("STORAGE_WRITE_FAILED");
    expect(await storage.read(access)).toBe(newToken);
    sessionStorage.removeItem(key);
  });

  const failing = class extends BroadcastChannel {
    override postMessage() {
      throw new DOMException("The quota has been exceeded.", "QuotaExceededError");
    }
  };
  it.each([
    ["without a way to notify other tabs", undefined],
    ["with a polyfill that fails to", failing],
  ])("stores the token even %s", async (_, channel) => {
    vi.stubGlobal("BroadcastChannel", channel);
    onTestFinished(() => void vi.unstubAllGlobals());
    const storage = webTokenStorage({ storage: sessionStorage, key: uniqueName() });
    const stop = storage.watch?.(() => {});
    await storage.write(newToken);
    expect(await storage.read()).toBe(newToken);
    stop?.();
  });

  it("reports a change by an unrelated script in another document", async () => {
    const key = uniqueName();
    const frame = document.createElement("iframe");
    document.body.append(frame);
    const notified = new Promise<void>((resolve) => {
      webTokenStorage({ storage: localStorage, key }).watch?.(resolve);
    });
    frame.contentWindow?.localStorage.setItem(key, rotatedToken);
    await notified;
  });

  it("reports that everything was cleared, and ignores other keys", async () => {
    const keys: string[] = [];
    const watch = (key: string) =>
      new Promise<void>((resolve) => {
        webTokenStorage({ storage: localStorage, key }).watch?.(() => {
          keys.push(key);
          resolve();
        });
      });
    const [mine, other] = [uniqueName(), uniqueName()];
    const [notified, otherNotified] = [watch(mine), watch(other)];
    window.dispatchEvent(new StorageEvent("storage", { key: mine }));
    await notified;
    expect(keys).toEqual([mine]);
    window.dispatchEvent(new StorageEvent("storage", { key: null }));
    await otherNotified;
  });

  it("checks again when the back button restores a suspended page", async () => {
    const calls: string[] = [];
    const stop = webTokenStorage({ storage: localStorage, key: uniqueName() }).watch?.(() =>
      calls.push("changed"),
    );
    window.dispatchEvent(new PageTransitionEvent("pageshow", { persisted: false }));
    expect(calls).toEqual([]);
    window.dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }));
    expect(calls).toEqual(["changed"]);
    stop?.();
    window.dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }));
    expect(calls).toEqual(["changed"]);
  });
});
