import fs from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { withFaults } from "../../test/io.ts";
import { tokenDirectory } from "../../test/token-directory.ts";
import { A, B, configured, LIST, TOKEN_A, TOKEN_B } from "../../test/two-platforms.ts";
import { poolFileSystem } from "./pool-file-system.ts";

/** The file system of a process whose new list another one, which has checked it just before, replaces by its own. */
function overwritten(list: string) {
  const others = fs.readFileSync(list, "utf8");
  let times = 0;
  const io = withFaults({
    async rename(from, to) {
      await poolFileSystem.rename(from, to);
      if (to !== list) return;
      times += 1;
      if (times === 1) fs.writeFileSync(list, others);
    },
  });
  return { io, times: () => times };
}

test("a token whose record another process overwrites is recorded again before the file holds it", async () => {
  const at = tokenDirectory();
  await configured(at.dir, B).write(TOKEN_B);
  const { io, times } = overwritten(join(at.dir, LIST));
  await configured(at.dir, A, { io }).write(TOKEN_A);
  expect(times()).toBe(2);
  expect(await configured(at.dir, B, { tighten: false }).read()).toBe(TOKEN_B);
  expect(await configured(at.dir, A).read()).toBe(TOKEN_A);
});

test("so is the first token of a file", async () => {
  const at = tokenDirectory();
  await configured(at.dir, B).write(TOKEN_B);
  await configured(at.dir, B).remove();
  const { io, times } = overwritten(join(at.dir, LIST));
  expect(await configured(at.dir, A, { io }).replace(null, TOKEN_A)).toBe(true);
  expect(times()).toBe(2);
  expect(await configured(at.dir, B, { tighten: false }).read()).toBeNull();
  expect(await configured(at.dir, A).read()).toBe(TOKEN_A);
});

test("a list that always counts as another user's, as on some network file systems, is no reason to fail", async () => {
  const at = tokenDirectory();
  const us = fs.statSync(at.dir).uid || 1_000;
  // Root would accept it.
  vi.spyOn(process, "geteuid").mockReturnValue(us);
  onTestFinished(() => void vi.restoreAllMocks());
  const lists = new Set<number>();
  const io = withFaults({
    async open(path, flags, mode) {
      const fd = await poolFileSystem.open(path, flags, mode);
      lists[path.endsWith(LIST) ? "add" : "delete"](fd);
      return fd;
    },
    async fstat(fd) {
      const stats = await poolFileSystem.fstat(fd);
      return lists.has(fd) ? Object.assign(stats, { uid: 65_534 }) : stats;
    },
  });
  await configured(at.dir, A, { io }).write(TOKEN_A);
  expect(await configured(at.dir, A, { io }).read()).toBe(TOKEN_A);
});
