import fs from "node:fs";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import { withFaults } from "../../test/io.ts";
import { temporaryDirectory, tokenDirectory } from "../../test/token-directory.ts";
import { A, ASIDE_A, B, configured, TOKEN_A, TOKEN_B, TOKEN_B2 } from "../../test/two-platforms.ts";
import { poolFileSystem } from "./pool-file-system.ts";

/**
 * The file system of platform A's process. As soon as that has replaced the token file, a process of platform B comes to
 * save, too, and stops just before it replaces the file in turn.
 */
function withSaveBehind(dir: string) {
  // Under another path, because calls for one path take turns within a process.
  const other = join(temporaryDirectory(), "link");
  fs.symlinkSync(dir, other);
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  let saving: Promise<void> | undefined;
  const save = () =>
    new Promise<void>((reached) => {
      const io = withFaults({
        async rename(from, to) {
          if (basename(to) === ".auth_token") {
            reached();
            await released;
          }
          await poolFileSystem.rename(from, to);
        },
      });
      saving = configured(other, B, { io }).write(TOKEN_B2).finally(reached);
    });
  const io = withFaults({
    async rename(from, to) {
      await poolFileSystem.rename(from, to);
      if (basename(to) === ".auth_token" && saving === undefined) await save();
    },
  });
  const finish = async () => {
    release();
    await saving;
  };
  return { io, finish };
}

test.each([
  ["restored on a read", TOKEN_A, (storage: ReturnType<typeof configured>) => storage.read()],
  ["saved", `new-${TOKEN_A}`, (storage: ReturnType<typeof configured>) => storage.write(`new-${TOKEN_A}`)],
])("a token just %s, which another process is about to replace, stays set aside", async (_, token, act) => {
  const at = tokenDirectory();
  await configured(at.dir, A).write(TOKEN_A);
  await configured(at.dir, B).write(TOKEN_B);
  const { io, finish } = withSaveBehind(at.dir);
  await act(configured(at.dir, A, { io }));
  await finish();
  const find = (platform: string) => configured(at.dir, platform, { tighten: false }).read();
  expect([await find(A), await find(B)]).toEqual([token, TOKEN_B2]);
  // And is removed once it is back in the file.
  await configured(at.dir, A).read();
  expect(at.names()).not.toContain(ASIDE_A);
});
