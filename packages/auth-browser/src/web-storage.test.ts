import { describeTokenStorage } from "@x/auth-testing";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { failureOf, sandboxedFrame } from "../test/failures.ts";
import { issuedToken, ownPlace, rotatedToken } from "../test/tokens.ts";
import { webTokenStorage } from "./web-storage.ts";

for (const name of ["sessionStorage", "localStorage"] as const) {
  describeTokenStorage(
    name,
    async () => {
      const key = ownPlace();
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

/** Takes all the room that the browser gives this origin. */
function fill(area: Storage): void {
  for (let size = 2 ** 22; size >= 1; size = Math.floor(size / 2)) {
    try {
      for (let part = 0; ; part += 1) area.setItem(`filler-${size}-${part}`, "x".repeat(size));
    } catch {
      // That much does not fit any more; less may.
    }
  }
}

describe("webTokenStorage", () => {
  it("takes the storage itself as well as a function that gives it", async () => {
    const key = ownPlace();
    await webTokenStorage({ storage: sessionStorage, key }).write(issuedToken);
    expect(sessionStorage.getItem(key)).toBe(issuedToken);
    expect(await webTokenStorage({ storage: () => sessionStorage, key }).read()).toBe(issuedToken);
  });

  it("uses one key unless told otherwise", async () => {
    await webTokenStorage({ storage: sessionStorage }).write(issuedToken);
    expect(sessionStorage.getItem("workspace-auth-token")).toBe(issuedToken);
    expect(webTokenStorage({ storage: sessionStorage }).location).toBe(
      'Web Storage, key "workspace-auth-token"',
    );
    sessionStorage.removeItem("workspace-auth-token");
  });

  it("says that storage is blocked, and keeps the token out of it", async () => {
    const frame = await sandboxedFrame();
    const storage = webTokenStorage({ storage: () => frame.localStorage, key: "k" });
    const read = await failureOf(() => storage.read());
    const write = await failureOf(() => storage.write(issuedToken));
    expect([read.code, write.code]).toEqual(["STORAGE_READ_FAILED", "STORAGE_WRITE_FAILED"]);
    expect(read.message).toMatch(
      /Web Storage, key "k" cannot be read: .*blocked site data.*\(SecurityError\)/,
    );
    expect(write.message).toMatch(/stays in memory: .*blocked site data/);
    expect(write.message).not.toContain(issuedToken);
  });

  it("says that there is no Web Storage, as in a worker", async () => {
    // @ts-expect-error: what `globalThis.localStorage` is there
    const storage = webTokenStorage({ storage: undefined });
    expect((await failureOf(() => storage.read())).message).toContain("there is no such storage here");
  });

  it("says that the room is used up, keeps the old token, and names neither", async () => {
    const key = ownPlace();
    const storage = webTokenStorage({ storage: localStorage, key });
    await storage.write(issuedToken);
    try {
      fill(localStorage);
      const error = await failureOf(() => storage.write(rotatedToken.repeat(10)));
      expect(error.code).toBe("STORAGE_WRITE_FAILED");
      expect(error.message).toMatch(/room for this site is used up \(QuotaExceededError\)/);
      expect(error.message).not.toContain(rotatedToken);
      expect(await storage.read()).toBe(issuedToken);
    } finally {
      localStorage.clear();
    }
  });

  it("stores all the same where there is no way to tell the others", async () => {
    vi.stubGlobal("BroadcastChannel", undefined);
    onTestFinished(() => void vi.unstubAllGlobals());
    const storage = webTokenStorage({ storage: sessionStorage, key: ownPlace() });
    const stop = storage.watch?.(() => {});
    await storage.write(issuedToken);
    expect(await storage.read()).toBe(issuedToken);
    stop?.();
  });

  it("tells of a change by a script that knows nothing of it, in another document", async () => {
    const key = ownPlace();
    const frame = document.createElement("iframe");
    document.body.append(frame);
    const told = new Promise<void>((resolve) => {
      webTokenStorage({ storage: localStorage, key }).watch?.(resolve);
    });
    frame.contentWindow?.localStorage.setItem(key, rotatedToken);
    await told;
  });

  it("tells of it when everything is cleared, and is silent about other keys", async () => {
    const keys: string[] = [];
    const watch = (key: string) =>
      new Promise<void>((resolve) => {
        webTokenStorage({ storage: localStorage, key }).watch?.(() => {
          keys.push(key);
          resolve();
        });
      });
    const [mine, other] = [ownPlace(), ownPlace()];
    const [told, otherTold] = [watch(mine), watch(other)];
    window.dispatchEvent(new StorageEvent("storage", { key: mine }));
    await told;
    expect(keys).toEqual([mine]);
    window.dispatchEvent(new StorageEvent("storage", { key: null }));
    await otherTold;
  });

  it("looks again when the back button shows a page that was asleep", async () => {
    const calls: string[] = [];
    const stop = webTokenStorage({ storage: localStorage, key: ownPlace() }).watch?.(() =>
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
