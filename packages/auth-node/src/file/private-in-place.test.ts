import fs from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { isRoot } from "../../test/child.ts";
import { notReplaceable } from "../../test/faults.ts";
import { withFaults, writeFile } from "../../test/io.ts";
import { NEW, OLD, temporaryDirectory, tokenDirectory } from "../../test/token-directory.ts";
import { fileTokenStorage } from "./file-token-storage.ts";

const unchecked = isRoot ? "" : " (unchecked: only root can change owners)";

describe("a file is written in place only while no other user can have it open", () => {
  test.each([0o644, 0o640, 0o604, 0o622])("not with mode %o", async (mode) => {
    const { file, text } = tokenDirectory();
    fs.writeFileSync(file, OLD);
    fs.chmodSync(file, mode);
    await expect(writeFile(file, NEW, notReplaceable())).rejects.toMatchObject({
      code: "STORAGE_WRITE_FAILED",
      message: expect.stringMatching(/nor written in place: others can read it.*run: chmod 600/),
      cause: { code: "EBUSY" },
    });
    expect(text()).toBe(OLD);
  });

  test("nor after a read fixed its mode, in any process, until its owner does", async () => {
    const { dir, file, text, mode } = tokenDirectory();
    fs.writeFileSync(file, OLD);
    fs.chmodSync(file, 0o644);
    const spy = fs.openSync(file, "r");
    // As for a mount point, which can be neither hard-linked nor replaced.
    const link = async () => {
      throw Object.assign(new Error("EXDEV"), { code: "EXDEV" });
    };
    const io = withFaults({ ...notReplaceable(), link });
    const open = () => fileTokenStorage({ configsDir: dir, io });
    expect(await open().read()).toBe(OLD);
    expect(mode()).toBe(0o600);
    await expect(open().write(NEW)).rejects.toThrow("may still have it open");
    await expect(open().probe()).rejects.toThrow("may still have it open");
    expect(fs.readFileSync(spy, "utf8")).toBe(OLD);
    fs.closeSync(spy);
    fs.chmodSync(file, 0o600);
    await open().probe();
    await open().write(NEW);
    expect(text()).toBe(NEW);
  });

  test("a file that can be replaced loses the mark", async () => {
    const { dir, file, names } = tokenDirectory();
    fs.writeFileSync(file, OLD);
    fs.chmodSync(file, 0o644);
    await fileTokenStorage({ configsDir: dir }).read();
    expect(fs.statSync(file).mode & 0o7777).toBe(0o600);
    expect(names()).toEqual([".auth_token"]);
  });

  test("not with another hard link", async () => {
    const { dir, file, text } = tokenDirectory(OLD);
    fs.linkSync(file, join(dir, "another"));
    await expect(writeFile(file, NEW, notReplaceable())).rejects.toThrow("2 hard links");
    expect(text()).toBe(OLD);
  });
});

describe("a file saved by root", () => {
  const owner = (path: string) => {
    const { uid, gid } = fs.statSync(path);
    return { uid, gid };
  };

  test(`belongs to the owner of the directory, as do the files next to it${unchecked}`, async () => {
    if (!isRoot) return;
    const { dir, names } = tokenDirectory();
    fs.chownSync(dir, 1000, 1001);
    fs.chmodSync(dir, 0o700);
    const of = (platformUrl: string) => fileTokenStorage({ configsDir: dir, platformUrl });
    await of("https://a.example").write(OLD);
    await of("https://b.example").write(NEW);
    expect(names()).toHaveLength(3);
    for (const name of names()) expect(owner(join(dir, name))).toEqual({ uid: 1000, gid: 1001 });
  });

  test(`is created in directories that belong to their parent's owner${unchecked}`, async () => {
    if (!isRoot) return;
    const { dir } = tokenDirectory();
    fs.chownSync(dir, 1000, 1001);
    const configsDir = join(dir, "a", "b");
    await fileTokenStorage({ configsDir }).write(NEW);
    for (const path of [join(dir, "a"), configsDir, join(configsDir, ".auth_token")]) {
      expect(owner(path)).toEqual({ uid: 1000, gid: 1001 });
    }
  });

  test(`does not follow that user's link${unchecked}`, async () => {
    if (!isRoot) return;
    const { dir, file } = tokenDirectory();
    const shadow = join(temporaryDirectory(), "shadow");
    fs.writeFileSync(shadow, OLD, { mode: 0o600 });
    fs.chownSync(dir, 1000, 1000);
    fs.symlinkSync(shadow, file);
    fs.lchownSync(file, 1000, 1000);
    const storage = fileTokenStorage({ configsDir: dir });
    await expect(storage.read()).rejects.toThrow("not followed: it belongs to another user (uid 1000)");
    await expect(storage.write(NEW)).rejects.toThrow("not followed");
    expect(fs.readFileSync(shadow, "utf8")).toBe(OLD);
  });
});
