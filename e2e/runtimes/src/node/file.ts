import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileTokenStorage } from "@x/auth-node";
import { describeTokenStorage } from "@x/auth-testing";
import { assert } from "chai";
import { codeOf } from "../codes.ts";
import type { Suite } from "../harness.ts";
import { issued, rotated, stored } from "../tokens.ts";

const makeDir = () => mkdtemp(join(tmpdir(), "auth-node-"));

/** The token file, in each runtime with a file system. */
export const file: Suite = (runner) => {
  const { describe, it } = runner;

  describeTokenStorage(
    "the token file",
    async () => {
      const configsDir = await makeDir();
      const path = join(configsDir, ".auth_token");
      const replaceByDirectory = async () => {
        await rm(path, { force: true });
        await mkdir(path);
      };
      return {
        storage: fileTokenStorage({ configsDir }),
        reopen: () => fileTokenStorage({ configsDir }),
        failReads: replaceByDirectory,
        dispose: () => rm(configsDir, { recursive: true, force: true }),
      };
    },
    runner,
  );

  const withDir = (name: string, body: (configsDir: string, path: string) => Promise<void>) =>
    it(name, async () => {
      const configsDir = await makeDir();
      try {
        await body(configsDir, join(configsDir, ".auth_token"));
      } finally {
        await rm(configsDir, { recursive: true, force: true });
      }
    });
  const modeOf = async (path: string) => (await stat(path)).mode & 0o777;

  describe("the token file", () => {
    withDir(
      "incident 9: is 0600 from the start, holds the token and nothing else",
      async (configsDir, path) => {
        await fileTokenStorage({ configsDir }).write(issued);
        assert.equal(await modeOf(path), 0o600);
        assert.equal(await readFile(path, "utf8"), issued);
      },
    );

    withDir("incident 9: becomes 0600 if others could read it", async (configsDir, path) => {
      await writeFile(path, `${stored}\n`);
      await chmod(path, 0o644);
      assert.equal(await fileTokenStorage({ configsDir }).read(), stored);
      assert.equal(await modeOf(path), 0o600);
      await fileTokenStorage({ configsDir }).write(rotated);
      assert.equal(await modeOf(path), 0o600);
    });

    withDir("leaves no temporary file behind", async (configsDir) => {
      const storage = fileTokenStorage({ configsDir });
      for (const token of [stored, issued, rotated]) await storage.write(token);
      assert.deepEqual(await readdir(configsDir), [".auth_token"]);
    });

    withDir("incident 4: is reported as unreadable rather than missing", async (configsDir, path) => {
      assert.isNull(await fileTokenStorage({ configsDir }).read());
      await writeFile(path, new Uint8Array([0xff, 0xfe, 0xfd]));
      assert.equal(await codeOf(() => fileTokenStorage({ configsDir }).read()), "STORAGE_READ_FAILED");
    });

    withDir("may be a symbolic link, but not a dangling one", async (configsDir, path) => {
      const target = join(configsDir, "target");
      await symlink(target, path);
      assert.equal(
        await codeOf(() => fileTokenStorage({ configsDir }).write(issued)),
        "STORAGE_WRITE_FAILED",
      );
      await writeFile(target, stored, { mode: 0o600 });
      await fileTokenStorage({ configsDir }).write(issued);
      assert.equal(await readFile(target, "utf8"), issued);
    });
  });
};
