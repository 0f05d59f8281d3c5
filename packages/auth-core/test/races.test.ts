import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { createAuth } from "../src/create-auth.ts";
import type { TokenStorage } from "../src/storage.ts";
import { always, timeoutMs } from "./support/runs.ts";
import { slowStorage } from "./support/slow-storage.ts";
import { envToken, fileToken, newToken, rotatedToken } from "./support/tokens.ts";

vi.setConfig({ testTimeout: timeoutMs });

const tokens = fc.constantFrom(newToken, rotatedToken);

describe("cold reads", () => {
  it("share one read", async () => {
    const check = async (scheduler: fc.Scheduler, callers: number) => {
      const { state, storage } = slowStorage(scheduler);
      const auth = createAuth({ storage });
      const answers = Array.from({ length: callers }, (_, n) =>
        n % 2 === 0 ? auth.getToken() : auth.authHeaders().then((headers) => headers.Authorization?.slice(7)),
      );
      await scheduler.waitIdle();
      expect(new Set(await Promise.all(answers))).toStrictEqual(new Set([fileToken]));
      expect(state.reads).toBe(1);
    };
    await always(fc.asyncProperty(fc.scheduler(), fc.integer({ min: 1, max: 5 }), check));
  });

  it("that find nothing are not cached", async () => {
    const check = async (scheduler: fc.Scheduler) => {
      const { state, storage } = slowStorage(scheduler, null);
      const auth = createAuth({ storage });
      expect(await scheduler.waitFor(auth.getToken())).toBeNull();
      state.stored = fileToken;
      expect(await scheduler.waitFor(auth.getToken())).toBe(fileToken);
    };
    await always(fc.asyncProperty(fc.scheduler(), check));
  });
});

describe("a refresh during a read", () => {
  it("starts a new read, and the older result never wins, however late", async () => {
    const check = async (scheduler: fc.Scheduler, refreshes: number) => {
      const { state, storage } = slowStorage(scheduler);
      const auth = createAuth({ storage });
      const early = auth.getToken();
      state.stored = rotatedToken;
      const refreshed = Array.from({ length: refreshes }, () => auth.refreshCache());
      const joined = auth.getToken();
      await scheduler.waitIdle();
      for (const answer of [...refreshed, joined, early]) expect(await answer).toBe(rotatedToken);
      expect(await auth.getToken()).toBe(rotatedToken);
      expect(state.reads).toBe(1 + refreshes);
    };
    await always(fc.asyncProperty(fc.scheduler(), fc.integer({ min: 1, max: 3 }), check));
  });

  it.each(["clearCache", "watch"] as const)("applies to %s as well", async (how) => {
    const check = async (scheduler: fc.Scheduler) => {
      const { change, storage } = slowStorage(scheduler);
      const auth = createAuth({ storage });
      if (how === "watch") auth.watch();
      const early = auth.getToken();
      change(rotatedToken);
      if (how === "clearCache") auth.clearCache();
      await scheduler.waitIdle();
      expect(await early).toBe(rotatedToken);
      expect(await auth.getToken()).toBe(rotatedToken);
    };
    await always(fc.asyncProperty(fc.scheduler(), check));
  });

  it("ends even if the storage reports a change during its own read", async () => {
    const listeners: (() => void)[] = [];
    let stored = fileToken;
    const storage: TokenStorage = {
      location: "talkative",
      read() {
        if (stored === fileToken) {
          stored = rotatedToken;
          for (const changed of listeners) changed();
        }
        return stored;
      },
      write() {},
      watch(changed) {
        listeners.push(changed);
        return () => {};
      },
    };
    const auth = createAuth({ storage });
    auth.watch();
    expect(await Promise.all([auth.getToken(), auth.getToken()])).toStrictEqual([rotatedToken, rotatedToken]);
  });
});

describe("a rejection during a read", () => {
  it("applies to the read in flight", async () => {
    const check = async (scheduler: fc.Scheduler) => {
      const { storage } = slowStorage(scheduler);
      const auth = createAuth({ storage, env: { MOLECULE_WORKSPACE_TOKEN: envToken } });
      const early = auth.getToken();
      auth.rejectToken(fileToken);
      expect(await scheduler.waitFor(early)).toBe(envToken);
      expect(await auth.getToken()).toBe(envToken);
    };
    await always(fc.asyncProperty(fc.scheduler(), check));
  });
});

describe("a save", () => {
  it("during a read wins over its result", async () => {
    const check = async (scheduler: fc.Scheduler) => {
      const { state, storage } = slowStorage(scheduler);
      const auth = createAuth({ storage });
      const early = auth.getToken();
      const saving = auth.saveToken(newToken);
      const late = auth.refreshCache();
      await scheduler.waitIdle();
      await saving;
      expect([await early, await late, await auth.getToken()]).toStrictEqual(Array(3).fill(newToken));
      expect(state.stored).toBe(newToken);
    };
    await always(fc.asyncProperty(fc.scheduler(), check));
  });

  it("during a save is written after it", async () => {
    const check = async (scheduler: fc.Scheduler, asked: string[]) => {
      const { state, storage } = slowStorage(scheduler, null);
      const auth = createAuth({ storage });
      const saves = asked.map((token) => auth.saveToken(token));
      await scheduler.waitIdle();
      await Promise.all(saves);
      // Each is compared with the result of the previous one.
      expect(state.writes).toStrictEqual(asked.filter((token, n) => token !== asked[n - 1]));
      expect(state.stored).toBe(asked.at(-1));
      expect(await auth.getToken()).toBe(asked.at(-1));
    };
    await always(fc.asyncProperty(fc.scheduler(), fc.array(tokens, { minLength: 1, maxLength: 5 }), check));
  });
});
