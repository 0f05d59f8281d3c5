import fs from "node:fs";
import { describe, expect, test } from "vitest";
import { killedBefore } from "../../test/killed.ts";
import { type TokenDirectory, tokenDirectory } from "../../test/token-directory.ts";
import type { FileSystem } from "./file-system.ts";
import { fileTokenStorage } from "./file-token-storage.ts";

/** Whom a process is configured for. */
interface Configured {
  readonly platformUrl: string;
  readonly workspaceId?: string;
}

const PLATFORM_A = "https://a.example";
const ATLAS_AT_A: Configured = { platformUrl: PLATFORM_A, workspaceId: "atlas" };
const BOREAS_AT_A: Configured = { platformUrl: PLATFORM_A, workspaceId: "boreas" };
const ATLAS_AT_B: Configured = { platformUrl: "http://127.0.0.1:8787", workspaceId: "atlas" };
const ANY_AT_A: Configured = { platformUrl: PLATFORM_A };

const open = (dir: string, configured: Configured, io?: FileSystem) =>
  fileTokenStorage({ configsDir: dir, ...configured, ...(io && { io }) });

/** What the next process of each finds. Changes nothing. */
const findTokens = (dir: string, all: readonly Configured[]) =>
  Promise.all(all.map((each) => fileTokenStorage({ configsDir: dir, ...each, tighten: false }).read()));

describe.each([
  ["one platform to another", ATLAS_AT_A, ATLAS_AT_B],
  ["one workspace to another", ATLAS_AT_A, BOREAS_AT_A],
  ["one platform to another, without workspace ids", ANY_AT_A, { platformUrl: ATLAS_AT_B.platformUrl }],
])("killed at each step of a change from %s and back", (_what, A, B) => {
  /** The third of three steps is the one killed. */
  const changes: [
    string,
    (at: TokenDirectory) => Promise<void>,
    (dir: string, io: FileSystem) => Promise<unknown>,
    string,
  ][] = [
    [
      "saving B's first token over A's",
      (at) => open(at.dir, A).write("token-a"),
      (dir, io) => open(dir, B, io).write("token-b"),
      "token-b",
    ],
    [
      "saving B's next token over A's, with B's previous one set aside",
      async (at) => {
        await open(at.dir, B).write("token-b-before");
        await open(at.dir, A).write("token-a");
      },
      (dir, io) => open(dir, B, io).write("token-b"),
      "token-b",
    ],
    [
      "restoring B's token on a read",
      async (at) => {
        await open(at.dir, B).write("token-b");
        await open(at.dir, A).write("token-a");
      },
      (dir, io) => open(dir, B, io).read(),
      "token-b",
    ],
  ];

  test.each(changes)("%s: each finds its old token or its new one", async (_what, prepare, change, after) => {
    for (let nth = 1, died = true; died; nth += 1) {
      const at = tokenDirectory();
      await prepare(at);
      const [, before] = await findTokens(at.dir, [A, B]);
      const killed = killedBefore(nth);
      await change(at.dir, killed.io).catch(() => {});
      died = killed.died();
      const [ofA, ofB] = await findTokens(at.dir, [A, B]);
      expect(ofA, `killed at step ${nth}`).toBe("token-a");
      expect([before, after], `killed at step ${nth}`).toContain(ofB);
      if (!died) expect(ofB).toBe(after);
      // And the next save completes the change.
      await open(at.dir, B).write("token-b-next");
      expect(await findTokens(at.dir, [A, B])).toEqual(["token-a", "token-b-next"]);
    }
  });

  test.each(changes)(
    "%s, while Python writes the file: no token is sent to the wrong audience",
    async (_what, prepare, change) => {
      for (let nth = 1, died = true; died; nth += 1) {
        const at = tokenDirectory();
        await prepare(at);
        const killed = killedBefore(nth);
        await change(at.dir, killed.io).catch(() => {});
        died = killed.died();
        fs.writeFileSync(at.file, "token-from-python", { mode: 0o600 });
        // It belongs to the configured platform and workspace.
        expect(await findTokens(at.dir, [A, B])).toEqual(["token-from-python", "token-from-python"]);
        await open(at.dir, B).write("token-b-next");
        const [ofA, ofB] = await findTokens(at.dir, [A, B]);
        expect(ofB).toBe("token-b-next");
        expect([null, "token-a"]).toContain(ofA);
      }
    },
  );
});
