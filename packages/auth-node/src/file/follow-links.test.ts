import fs from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { isRoot, NOBODY, runModule, storageIn } from "../../test/child.ts";
import { NEW, OLD, temporaryDirectory, tokenDirectory } from "../../test/token-directory.ts";
import { fileTokenStorage } from "./file-token-storage.ts";

const unchecked = isRoot ? "" : " (unchecked: only root can change owners)";

describe("a single workspace's link is followed only where no other user is in control", () => {
  const asUser = (dir: string, code: string) =>
    runModule(
      `${storageIn(dir)}
      const failed = async (call) => (await call().then((value) => ({ message: "gave " + value }), (e) => e)).message;
      ${code}`,
      { uid: NOBODY },
    );
  const both = `
    answer({
      read: await failed(() => storage.read()),
      write: await failed(() => storage.write("${NEW}")),
      probe: await failed(() => storage.probe()),
      problem: (await inspectTokenFile({ configsDir: ${"$DIR"} })).problem,
    });`;
  const rejections = (dir: string) => asUser(dir, both.replace("$DIR", JSON.stringify(dir)));

  test("our own absolute and chained links are, and stay links", async () => {
    const { dir, file } = tokenDirectory();
    const elsewhere = temporaryDirectory();
    fs.writeFileSync(join(elsewhere, "token"), OLD, { mode: 0o600 });
    fs.symlinkSync(join(elsewhere, "token"), join(dir, "second"));
    fs.symlinkSync("second", file);
    const storage = fileTokenStorage({ configsDir: dir });
    expect(await storage.read()).toBe(OLD);
    await storage.write(NEW);
    expect(fs.lstatSync(file).isSymbolicLink()).toBe(true);
    expect(fs.readFileSync(join(elsewhere, "token"), "utf8")).toBe(NEW);
  });

  test(`another user's link is not${unchecked}`, () => {
    if (!isRoot) return;
    const { dir, file } = tokenDirectory();
    const victims = join(dir, "notes");
    fs.writeFileSync(victims, OLD, { mode: 0o600 });
    fs.chownSync(victims, NOBODY, NOBODY);
    fs.symlinkSync("notes", file);
    fs.lchownSync(file, 2002, 2002);
    fs.chmodSync(dir, 0o1777);
    const not = expect.stringMatching(
      /link that others control, and is not followed: it belongs to another user \(uid 2002\)/,
    );
    expect(rejections(dir)).toMatchObject({ read: not, problem: not });
    expect(rejections(dir)).toMatchObject({
      write: expect.stringContaining("any user may write to it (mode 1777)"),
    });
    expect(fs.readFileSync(victims, "utf8")).toBe(OLD);
  });

  test(`our own link is not, in a directory where others could have replaced it${unchecked}`, () => {
    if (!isRoot) return;
    const { dir, file } = tokenDirectory();
    fs.writeFileSync(join(dir, "real"), OLD, { mode: 0o600 });
    fs.chownSync(join(dir, "real"), NOBODY, NOBODY);
    fs.symlinkSync("real", file);
    fs.lchownSync(file, NOBODY, NOBODY);
    fs.chmodSync(dir, 0o777);
    const not = expect.stringContaining("not followed: its directory is not this user's alone");
    expect(rejections(dir)).toMatchObject({ read: not });
    // Where others cannot replace entries, our links are trusted.
    fs.chmodSync(dir, 0o1777);
    expect(rejections(dir)).toMatchObject({ read: `gave ${OLD}` });
  });

  test(`a link to another user's file, or below their directory, is not${unchecked}`, () => {
    if (!isRoot) return;
    const elsewhere = temporaryDirectory();
    const theirs = join(elsewhere, "theirs");
    fs.mkdirSync(theirs, { mode: 0o755 });
    fs.writeFileSync(join(theirs, "token"), OLD, { mode: 0o644 });
    fs.chownSync(join(theirs, "token"), NOBODY, NOBODY);
    fs.chownSync(theirs, 2002, 2002);
    const { dir, file } = tokenDirectory();
    fs.chownSync(dir, NOBODY, NOBODY);
    fs.symlinkSync(join(theirs, "token"), file);
    fs.lchownSync(file, NOBODY, NOBODY);
    const not = expect.stringContaining(`it points to ${theirs}, which belongs to another user (uid 2002)`);
    expect(rejections(dir)).toEqual({ read: not, write: not, probe: not, problem: not });
    fs.chownSync(theirs, 0, 0);
    fs.chownSync(join(theirs, "token"), 2002, 2002);
    expect(rejections(dir)).toMatchObject({
      read: expect.stringContaining("belongs to another user (uid 2002)"),
    });
  });

  test(`a link through a world-writable directory is not${unchecked}`, () => {
    if (!isRoot) return;
    const elsewhere = temporaryDirectory();
    fs.mkdirSync(join(elsewhere, "open"));
    fs.writeFileSync(join(elsewhere, "open", "token"), OLD, { mode: 0o644 });
    fs.chmodSync(join(elsewhere, "open"), 0o777);
    const { dir, file } = tokenDirectory();
    fs.symlinkSync(join(elsewhere, "open", "token"), file);
    expect(rejections(dir)).toMatchObject({ read: expect.stringContaining("it goes through") });
  });

  test("a circular link, and a link to a directory, are named in the error", async () => {
    const { dir, file } = tokenDirectory();
    fs.symlinkSync("..", file);
    const storage = fileTokenStorage({ configsDir: dir });
    await expect(storage.read()).rejects.toThrow("it is a directory, not a file");
    await expect(storage.write(NEW)).rejects.toThrow("is a directory, not a file");
  });

  test(`a mounted Secret's links are, without events or advice${unchecked}`, () => {
    if (!isRoot) return;
    const { dir } = tokenDirectory();
    fs.mkdirSync(join(dir, "..2024"), { mode: 0o755 });
    const real = join(dir, "..2024", ".auth_token");
    fs.writeFileSync(real, OLD);
    fs.chmodSync(real, 0o440);
    fs.chownSync(real, 0, NOBODY);
    fs.symlinkSync("..2024", join(dir, "..data"));
    fs.symlinkSync("..data/.auth_token", join(dir, ".auth_token"));
    const script = `${storageIn(dir)}
      const { readableByOthers, problem, linkTarget } = await inspectTokenFile({ configsDir });
      answer({ token: await storage.read(), events, readableByOthers, problem, linkTarget });`;
    expect(runModule(script, { uid: NOBODY })).toEqual({
      token: OLD,
      events: [],
      readableByOthers: false,
      problem: null,
      linkTarget: fs.realpathSync(real),
    });
    expect(fs.statSync(real).mode & 0o777).toBe(0o440);
  });
});
