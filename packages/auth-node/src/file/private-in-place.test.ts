import fs from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { isRoot } from "../../test/child.ts";
import { notReplaceable } from "../../test/faults.ts";
import { withFaults, writeFile } from "../../test/io.ts";
import { NEW, OLD, place, temporaryDirectory } from "../../test/place.ts";
import { fileTokenStorage } from "./file-token-storage.ts";

const unchecked = isRoot ? "" : " (unchecked: only root can give a file away)";

describe("a file is written in place only while nobody else can have it open", () => {
  test.each([0o644, 0o640, 0o604, 0o622])("not with mode %o", async (mode) => {
    const { file, text } = place();
    fs.writeFileSync(file, OLD);
    fs.chmodSync(file, mode);
    await expect(writeFile(file, NEW, notReplaceable())).rejects.toMatchObject({
      code: "STORAGE_WRITE_FAILED",
      message: expect.stringMatching(/nor written in place: others can read it.*run: chmod 600/),
      cause: { code: "EBUSY" },
    });
    expect(text()).toBe(OLD);
  });

  test("nor after its mode was put right by a read, in whatever process, until its owner does so", async () => {
    const { dir, file, text, mode } = place();
    fs.writeFileSync(file, OLD);
    fs.chmodSync(file, 0o644);
    const spy = fs.openSync(file, "r");
    // As of a file that something is mounted on: it has neither a second name nor a successor.
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

  test("a file that can be replaced has no mark left of that", async () => {
    const { dir, file, names } = place();
    fs.writeFileSync(file, OLD);
    fs.chmodSync(file, 0o644);
    await fileTokenStorage({ configsDir: dir }).read();
    expect(fs.statSync(file).mode & 0o7777).toBe(0o600);
    expect(names()).toEqual([".auth_token"]);
  });

  test("not one that has a further name", async () => {
    const { dir, file, text } = place();
    fs.writeFileSync(file, OLD, { mode: 0o600 });
    fs.linkSync(file, join(dir, "another"));
    await expect(writeFile(file, NEW, notReplaceable())).rejects.toThrow("2 hard links");
    expect(text()).toBe(OLD);
  });
});

describe("what root saves", () => {
  const owner = (path: string) => {
    const { uid, gid } = fs.statSync(path);
    return { uid, gid };
  };

  test(`belongs to the owner of the directory, with all that is beside it${unchecked}`, async () => {
    if (!isRoot) return;
    const { dir, names } = place();
    fs.chownSync(dir, 1000, 1001);
    fs.chmodSync(dir, 0o700);
    const of = (platformUrl: string) => fileTokenStorage({ configsDir: dir, platformUrl });
    await of("https://a.example").write(OLD);
    await of("https://b.example").write(NEW);
    expect(names()).toHaveLength(3);
    for (const name of names()) expect(owner(join(dir, name))).toEqual({ uid: 1000, gid: 1001 });
  });

  test(`goes into directories that belong to the owner of the one above${unchecked}`, async () => {
    if (!isRoot) return;
    const { dir } = place();
    fs.chownSync(dir, 1000, 1001);
    const configsDir = join(dir, "a", "b");
    await fileTokenStorage({ configsDir }).write(NEW);
    for (const path of [join(dir, "a"), configsDir, join(configsDir, ".auth_token")]) {
      expect(owner(path)).toEqual({ uid: 1000, gid: 1001 });
    }
  });

  test(`does not go where a link of that user leads${unchecked}`, async () => {
    if (!isRoot) return;
    const { dir, file } = place();
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
