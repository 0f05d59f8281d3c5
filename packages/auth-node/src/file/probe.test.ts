import fs from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { canMount, isRoot, NOBODY, RUN, runModule, runMounted } from "../../test/child.ts";
import { fails } from "../../test/faults.ts";
import { withFaults } from "../../test/io.ts";
import { killedBefore } from "../../test/killed.ts";
import { NEW, OLD, tokenDirectory } from "../../test/token-directory.ts";
import { A, ASIDE_B, B, LIST } from "../../test/two-platforms.ts";
import type { FileSystem } from "./file-system.ts";
import { fileTokenStorage } from "./file-token-storage.ts";
import { poolFileSystem } from "./pool-file-system.ts";

const probe = (configsDir: string, faults: Partial<FileSystem> = {}) =>
  fileTokenStorage({ configsDir, io: withFaults(faults) }).probe();

describe("a probe succeeds where a save would", () => {
  test("and leaves nothing but the directories", async () => {
    const { dir } = tokenDirectory();
    const configs = join(dir, "a", "configs");
    await probe(configs);
    expect(fs.readdirSync(configs)).toEqual([]);
    expect(fs.statSync(configs).mode & 0o777).toBe(0o700);
  });

  test("and leaves the file unchanged, whatever it holds", async () => {
    const { dir, file, names } = tokenDirectory();
    for (const content of [OLD, "", "Bearer of-a-header"]) {
      fs.writeFileSync(file, content, { mode: 0o600 });
      const { ino, mtimeMs } = fs.statSync(file);
      await probe(dir);
      expect(fs.statSync(file)).toMatchObject({ ino, mtimeMs, size: content.length });
      expect(names()).toEqual([".auth_token"]);
    }
  });

  test.each(["\0 no token", "\u00e9\u00fe", "two\nlines"])(
    "and not if the file holds %j: a received token does not replace what cannot be read",
    async (content) => {
      const { dir, file, names } = tokenDirectory();
      fs.writeFileSync(file, content, { mode: 0o600 });
      const storage = fileTokenStorage({ configsDir: dir });
      const why = await storage.probe().catch((error: Error) => error.message);
      expect(why).toMatch(/cannot be read: .*Move it away, then save again\.$/);
      expect(await storage.replace(null, NEW).catch((error: Error) => error.message)).toBe(why);
      expect(fs.readFileSync(file, "utf8")).toBe(content);
      expect(names()).toEqual([".auth_token"]);
    },
  );

  test("with the calls of a save: a file beside it is written and flushed", async () => {
    const { dir } = tokenDirectory();
    const [write, fsync] = [vi.fn(poolFileSystem.write), vi.fn(poolFileSystem.fsync)];
    await probe(dir, { write, fsync });
    expect(write).toHaveBeenCalled();
    expect(fsync).toHaveBeenCalled();
  });

  const PLATFORM = { platformOrigin: A };
  const made: [string, (path: string) => void][] = [
    ["a directory", (path) => fs.mkdirSync(path)],
    ["a dangling link", (path) => fs.symlinkSync("/nowhere/else", path)],
    ["a circular link", (path) => fs.symlinkSync(path, path)],
    ["a device", (path) => fs.symlinkSync("/dev/full", path)],
  ];

  test.each(made)(
    "and not if the list beside the file is %s: a token would be issued and lost",
    async (_, make) => {
      const { dir, file, names } = tokenDirectory();
      make(join(dir, LIST));
      const storage = fileTokenStorage({ configsDir: dir });
      const why = await storage.probe(PLATFORM).catch((error: Error) => error.message);
      expect(why).toMatch(/^The token cannot be stored in .*\.origins: /);
      expect(await storage.write(NEW, PLATFORM).catch((error: Error) => error.message)).toBe(why);
      expect(fs.existsSync(file)).toBe(false);
      expect(names()).toEqual([LIST]);
    },
  );

  test.each(made)("and not if another platform's token cannot be set aside: there is %s", async (_, make) => {
    const { dir, names } = tokenDirectory();
    const storage = fileTokenStorage({ configsDir: dir });
    await storage.write(OLD, { platformOrigin: B });
    make(join(dir, ASIDE_B));
    await expect(storage.probe({ platformOrigin: B })).resolves.toBeUndefined();
    const why = await storage.probe(PLATFORM).catch((error: Error) => error.message);
    expect(why).toMatch(/^The token cannot be stored in /);
    expect(await storage.write(NEW, PLATFORM).catch((error: Error) => error.message)).toBe(why);
    expect(await storage.read({ platformOrigin: B })).toBe(OLD);
    expect(names()).toEqual([".auth_token", LIST, ASIDE_B]);
  });

  const mounted = canMount ? "" : " (unchecked: cannot mount here)";
  test(`in place, into our own mounted file; not into one that others can read${mounted}`, () => {
    if (!canMount) return;
    const { dir } = tokenDirectory();
    const configs = join(dir, "configs");
    fs.mkdirSync(configs);
    const source = join(dir, "source");
    fs.writeFileSync(source, OLD, { mode: 0o600 });
    fs.writeFileSync(join(configs, ".auth_token"), "");
    const script = `
      import fs from "node:fs";
      import { fileTokenStorage } from "@x/auth-node";
      const storage = fileTokenStorage({ configsDir: ${JSON.stringify(configs)}, tighten: false });
      await storage.probe();
      fs.chmodSync(${JSON.stringify(source)}, 0o644);
      const { message } = await storage.probe().catch((error) => error);
      answer({ message, token: await storage.read(), names: fs.readdirSync(${JSON.stringify(configs)}) });`;
    expect(runMounted(`mount --bind ${source} ${configs}/.auth_token; ${RUN}`, script)).toEqual({
      message: expect.stringContaining(
        "cannot be replaced (EXDEV), nor written in place: others can read it",
      ),
      token: OLD,
      names: [".auth_token"],
    });
  });
});

describe("a probe fails where a save would", () => {
  test.each([
    ["no space is left", { write: fails("ENOSPC", "write") }, "no space left (ENOSPC)"],
    ["the disk does not keep it", { fsync: fails("EIO", "fsync") }, "EIO"],
    ["the file system is read-only", { open: fails("EROFS", "open") }, "read-only (EROFS)"],
  ])("%s", async (_why, faults, message) => {
    const { dir, names } = tokenDirectory();
    await expect(probe(dir, faults)).rejects.toMatchObject({
      code: "STORAGE_WRITE_FAILED",
      message: expect.stringContaining(message),
    });
    expect(names()).toEqual([]);
  });

  test("a directory or a dangling link is in the way", async () => {
    const { dir, file } = tokenDirectory();
    fs.mkdirSync(file);
    await expect(probe(dir)).rejects.toThrow("is a directory, not a file");
    fs.rmdirSync(file);
    fs.symlinkSync("nothing", file);
    await expect(probe(dir)).rejects.toThrow("a dangling symbolic link");
  });

  test("this user may not write there", () => {
    const { dir } = tokenDirectory();
    if (!isRoot) fs.chmodSync(dir, 0o500);
    const script = `
      import { fileTokenStorage } from "@x/auth-node";
      const { code, message } = await fileTokenStorage({ configsDir: ${JSON.stringify(dir)} }).probe().catch((e) => e);
      answer({ code, message });`;
    expect(runModule(script, isRoot ? { uid: NOBODY } : {})).toEqual({
      code: "STORAGE_WRITE_FAILED",
      message: expect.stringContaining("may not write there (EACCES)"),
    });
    fs.chmodSync(dir, 0o700);
  });
});

test("leftovers of a killed probe are removed by a later save", async () => {
  for (let nth = 1, died = true; died; nth += 1) {
    const { dir, names, text } = tokenDirectory(OLD);
    const killed = killedBefore(nth);
    await fileTokenStorage({ configsDir: dir, io: killed.io })
      .probe()
      .catch(() => {});
    died = killed.died();
    expect(text()).toBe(OLD);
    const long = new Date(Date.now() - 11 * 60_000);
    for (const name of names()) fs.utimesSync(join(dir, name), long, long);
    await fileTokenStorage({ configsDir: dir }).write(NEW);
    expect(names()).toEqual([".auth_token"]);
  }
});
