import fs from "node:fs";
import os from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { describeTokenStorage, type StorageFixture } from "@x/auth-testing";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { isRoot, NOBODY } from "../../test/child.ts";
import { fails, notReplaceable } from "../../test/faults.ts";
import { withFaults } from "../../test/io.ts";
import { NEW, OLD, tokenDirectory } from "../../test/token-directory.ts";
import type { FileStorageEvent } from "./events.ts";
import type { FileSystem } from "./file-system.ts";
import { fileTokenStorage } from "./file-token-storage.ts";
import { poolFileSystem } from "./pool-file-system.ts";
import { syncFileSystem } from "./sync-file-system.ts";

/** A fixture on a real disk. `below`: directories that do not exist yet. */
function fixture(
  options: { below?: string; inPlace?: boolean; origin?: string; calls?: FileSystem } = {},
): StorageFixture {
  const calls = options.calls ?? poolFileSystem;
  const dir = fs.mkdtempSync(join(os.tmpdir(), "auth-node-"));
  const configsDir = join(dir, options.below ?? "");
  const file = join(configsDir, ".auth_token");
  let faults: Partial<FileSystem> = options.inPlace ? notReplaceable() : {};
  const io: FileSystem = {
    ...calls,
    // Only the mount point cannot be replaced.
    rename: (from, to) => (to === file && faults.rename ? faults.rename : calls.rename)(from, to),
    write: (...args) => (faults.write ?? calls.write)(...args),
    // A mount point cannot be removed either.
    unlink: (path) =>
      options.inPlace && path === file ? fails("EBUSY", "unlink")() : poolFileSystem.unlink(path),
  };
  const platformUrl = options.origin === undefined ? {} : { platformUrl: options.origin };
  const open = () => fileTokenStorage({ configsDir, io, ...platformUrl });
  if (options.inPlace) fs.writeFileSync(file, "", { mode: 0o600 });
  return {
    storage: open(),
    reopen: open,
    failReads() {
      fs.rmSync(file);
      fs.mkdirSync(file);
    },
    failWrites() {
      faults = { ...faults, write: fails("ENOSPC", "write") };
    },
    dispose() {
      fs.rmSync(dir, { recursive: true, force: true });
    },
  };
}

describeTokenStorage("a token file", fixture, { describe, it: test });
describeTokenStorage("a token file in missing directories", () => fixture({ below: "a/b/configs" }), {
  describe,
  it: test,
});
describeTokenStorage("a token file that can only be written in place", () => fixture({ inPlace: true }), {
  describe,
  it: test,
});

describeTokenStorage("a token file with blocking calls", () => fixture({ calls: syncFileSystem }), {
  describe,
  it: test,
});
describeTokenStorage("a token file of one platform", () => fixture({ origin: "https://a.example" }), {
  describe,
  it: test,
});

describe("a file that others may read", () => {
  const opened = (tighten?: boolean, faults: Partial<FileSystem> = {}) => {
    const { dir, file, mode } = tokenDirectory();
    const events: FileStorageEvent[] = [];
    const onEvent = (event: FileStorageEvent) => void events.push(event);
    const io = withFaults(faults);
    const storage = fileTokenStorage({
      configsDir: dir,
      io,
      onEvent,
      ...(tighten !== undefined && { tighten }),
    });
    fs.writeFileSync(file, OLD);
    fs.chmodSync(file, 0o644);
    return { file, mode, events, storage };
  };

  test("incident 9: is set to 0600 if it is ours, with an event", async () => {
    const { file, mode, events, storage } = opened();
    expect(await storage.read()).toBe(OLD);
    expect(mode()).toBe(0o600);
    expect(await storage.read()).toBe(OLD);
    expect(events).toEqual([{ type: "token-file-permissions-fixed", path: file, mode: 0o644 }]);
    fs.chmodSync(file, 0o640);
    await storage.read();
    expect(events.at(-1)).toEqual({ type: "token-file-permissions-fixed", path: file, mode: 0o640 });
  });

  test("is left unchanged with tighten: false, and reported once", async () => {
    const { file, mode, events, storage } = opened(false);
    for (let time = 0; time < 3; time += 1) expect(await storage.read()).toBe(OLD);
    expect(mode()).toBe(0o644);
    const uid = fs.statSync(file).uid;
    expect(events).toEqual([{ type: "token-file-readable-by-others", path: file, mode: 0o644, uid }]);
  });

  test("is reported again when its mode changes, or when it becomes readable again", async () => {
    const { file, events, storage } = opened(false);
    for (const mode of [0o644, 0o604, 0o604, 0o600, 0o604]) {
      fs.chmodSync(file, mode);
      await storage.read();
    }
    expect(events.map((event) => "mode" in event && event.mode)).toEqual([0o644, 0o604, 0o604]);
  });

  const foreign = isRoot
    ? ""
    : " (here with our own file and a failing chmod, because only root can change owners)";
  test(`is left unchanged if it is not ours, reported once, and still read${foreign}`, async () => {
    const { file, mode, events, storage } = opened(true, isRoot ? {} : { fchmod: fails("EPERM", "fchmod") });
    if (isRoot) fs.chownSync(file, NOBODY, NOBODY);
    for (let time = 0; time < 3; time += 1) expect(await storage.read()).toBe(OLD);
    expect(mode()).toBe(0o644);
    expect(events).toEqual([
      { type: "token-file-readable-by-others", path: file, mode: 0o644, uid: fs.statSync(file).uid },
    ]);
  });

  test("is read and reported if its mode cannot be changed", async () => {
    const { file, events, storage } = opened(true, { fchmod: fails("EROFS", "fchmod") });
    for (let time = 0; time < 3; time += 1) expect(await storage.read()).toBe(OLD);
    expect(events).toEqual([
      { type: "token-file-readable-by-others", path: file, mode: 0o644, uid: fs.statSync(file).uid },
    ]);
  });

  test("does not apply to a system without users and modes", async () => {
    const { events, storage } = opened();
    vi.stubGlobal("process", { ...process, geteuid: undefined });
    expect(await storage.read()).toBe(OLD);
    expect(events).toEqual([]);
    vi.unstubAllGlobals();
  });
});

describe("the storage", () => {
  test.each(["", ".", "..", "../other", "a/b", "/etc/token"])(
    "takes no path as its file's name: %j",
    (fileName) => {
      expect(() => fileTokenStorage({ configsDir: os.tmpdir(), fileName })).toThrow("not a path");
    },
  );

  test("writes in the order of the calls, even after a failure", async () => {
    const { dir, text } = tokenDirectory();
    const write = vi.fn(poolFileSystem.write).mockImplementationOnce(fails("ENOSPC", "write"));
    const storage = fileTokenStorage({ configsDir: dir, io: withFaults({ write }) });
    const writes = ["first", "second", "third"].map(async (token) => storage.write(token));
    const results = await Promise.allSettled(writes);
    expect(results.map(({ status }) => status)).toEqual(["rejected", "fulfilled", "fulfilled"]);
    expect(text()).toBe("third");
  });

  test.each([
    ["empty", "  "],
    ["too long", "x".repeat(16_385)],
    ["two lines", "a\nb"],
  ])("stores nothing that it could not read back: %s", async (_what, token) => {
    const { dir, names } = tokenDirectory();
    await expect(fileTokenStorage({ configsDir: dir }).write(token)).rejects.toMatchObject({
      code: "TOKEN_INVALID",
    });
    expect(names()).toEqual([]);
  });

  test("reports a write in place", async () => {
    const { dir, file } = tokenDirectory();
    const events: FileStorageEvent[] = [];
    fs.writeFileSync(file, OLD, { mode: 0o600 });
    const onEvent = (event: FileStorageEvent) => void events.push(event);
    await fileTokenStorage({ configsDir: dir, io: withFaults(notReplaceable()), onEvent }).write(NEW);
    expect(events).toEqual([{ type: "token-file-written-in-place", path: file, why: "EBUSY" }]);
  });

  test("survives a listener that throws", async () => {
    const { dir, file } = tokenDirectory();
    fs.writeFileSync(file, OLD);
    fs.chmodSync(file, 0o644);
    const storage = fileTokenStorage({
      configsDir: dir,
      onEvent() {
        throw new Error("thrown by the listener");
      },
    });
    expect(await storage.read()).toBe(OLD);
  });

  test("survives an async listener that rejects", async () => {
    const unhandled: unknown[] = [];
    const hear = (reason: unknown) => unhandled.push(reason);
    process.on("unhandledRejection", hear);
    onTestFinished(() => void process.off("unhandledRejection", hear));
    const { dir, file } = tokenDirectory();
    fs.writeFileSync(file, OLD);
    fs.chmodSync(file, 0o644);
    const onEvent = () => Promise.reject(new Error("the listener's own"));
    expect(await fileTokenStorage({ configsDir: dir, onEvent }).read()).toBe(OLD);
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(unhandled).toEqual([]);
  });

  test("shows the file's path, and no token, when inspected", async () => {
    const { dir, file } = tokenDirectory();
    const storage = fileTokenStorage({ configsDir: ` ${dir} ` });
    await storage.write(NEW);
    await storage.read();
    expect(storage.location).toBe(file);
    expect(
      inspect(storage, { depth: 9, showHidden: true, getters: true }) + JSON.stringify(storage),
    ).not.toContain("s3cr3t");
  });

  test("treats a blank configsDir as unset", () => {
    expect(fileTokenStorage({ configsDir: " ", env: { CONFIGS_DIR: "/srv/agent" } }).location).toBe(
      "/srv/agent/.auth_token",
    );
  });
});
