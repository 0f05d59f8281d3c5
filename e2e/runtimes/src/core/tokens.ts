import { createAuth, memoryTokenStorage, type TokenStorage } from "@x/auth-core";
import { assert } from "chai";
import { codeOf } from "../codes.ts";
import type { Suite } from "../harness.ts";
import { envToken, issued, rotated, stored } from "../tokens.ts";

const env = { MOLECULE_WORKSPACE_TOKEN: envToken };

const broken: TokenStorage = {
  location: "a broken location",
  read: () => Promise.reject(new Error("disk")),
  write: () => Promise.reject(new Error("disk")),
};

/** The order of the sources, caching, and saving. */
export const tokens: Suite = ({ describe, it }) => {
  describe("a token", () => {
    it("comes from the storage before the environment", async () => {
      assert.equal(await createAuth({ storage: memoryTokenStorage(stored), env }).getToken(), stored);
    });

    it("comes from the environment when nothing is stored, read live", async () => {
      const live: Record<string, string> = {};
      const auth = createAuth({ storage: memoryTokenStorage(), env: live });
      assert.isNull(await auth.getToken());
      live.MOLECULE_WORKSPACE_TOKEN = `  ${envToken}\n`;
      assert.equal(await auth.getToken(), envToken);
    });

    it("comes from the environment when the storage cannot be read, and emits an event", async () => {
      const events: string[] = [];
      const auth = createAuth({ storage: broken, env, onEvent: ({ type }) => void events.push(type) });
      assert.equal(await auth.getToken(), envToken);
      assert.deepEqual(events, ["source-failed"]);
    });

    it("is stored once and used from then on", async () => {
      const storage = memoryTokenStorage();
      const auth = createAuth({ storage, env });
      assert.equal(await auth.getToken(), envToken);
      await auth.saveToken(` ${issued} `);
      assert.equal(await storage.read(), issued);
      assert.equal(await auth.getToken(), issued);
      assert.equal(await auth.refreshCache(), issued, "incident 28: saved, then refreshed");
    });

    it("that cannot be stored stays usable in memory", async () => {
      const auth = createAuth({ storage: broken });
      assert.equal(await codeOf(() => auth.saveToken(issued)), "STORAGE_WRITE_FAILED");
      assert.equal(await auth.getToken(), issued);
      assert.equal((await auth.explain()).used, "cache");
    });

    it("that is not a valid header value is rejected", async () => {
      const auth = createAuth({ storage: memoryTokenStorage() });
      for (const token of ["", " \n", "two\nlines", "schlüssel", "x".repeat(16_385)]) {
        assert.equal(await codeOf(() => auth.saveToken(token)), "TOKEN_INVALID");
      }
    });

    it("that was rejected is replaced by another source's, and used again once saved again", async () => {
      const auth = createAuth({ storage: memoryTokenStorage(stored), env });
      auth.rejectToken(stored);
      assert.equal(await auth.getToken(), envToken);
      auth.rejectToken(envToken);
      assert.equal(await auth.getToken(), stored, "the sources are retried in order");
      await auth.saveToken(stored);
      assert.equal(await auth.getToken(), stored);
    });

    it("is read once for concurrent callers", async () => {
      let reads = 0;
      const storage = { ...memoryTokenStorage(), read: async () => `${stored}-${++reads}` };
      const auth = createAuth({ storage });
      const found = await Promise.all([auth.getToken(), auth.getToken(), auth.getToken()]);
      assert.deepEqual(found, [`${stored}-1`, `${stored}-1`, `${stored}-1`]);
    });

    it("is read again by a refresh, and after an event of the storage", async () => {
      const storage = memoryTokenStorage(stored);
      const auth = createAuth({ storage });
      assert.equal(await auth.getToken(), stored);
      await storage.write(rotated);
      assert.equal(await auth.getToken(), stored, "cached");
      assert.equal(await auth.refreshCache(), rotated);
      const stop = auth.watch();
      await storage.write(issued);
      assert.equal(await auth.getToken(), issued);
      stop();
      await storage.write(stored);
      assert.equal(await auth.getToken(), issued);
    });

    it("is the last one of several concurrent saves", async () => {
      const storage = memoryTokenStorage();
      const auth = createAuth({ storage });
      await Promise.all([auth.saveToken(stored), auth.saveToken(rotated), auth.saveToken(issued)]);
      assert.equal(await storage.read(), issued);
      assert.equal(await auth.getToken(), issued);
    });
  });
};
