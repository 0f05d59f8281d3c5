import type { EventEmitter } from "node:events";
import fs from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import { canMount, RUN, runMounted, storageIn } from "../../test/child.ts";
import { fsError, NEW, OLD, temporaryDirectory, tokenDirectory } from "../../test/token-directory.ts";
import { overwrite, watching } from "../../test/watching.ts";
import { poolFileSystem } from "./pool-file-system.ts";

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** Repeated, because a poll during a check does nothing. */
const pollAgain = () => vi.advanceTimersByTime(5_000);

describe("a watcher is notified", () => {
  test("of a write in place by another program, even with the same modification time", async () => {
    const { dir, file } = tokenDirectory();
    fs.writeFileSync(file, OLD);
    const { storage, changes } = watching(dir);
    expect(await storage.read()).toBe(OLD);
    for (const token of [NEW, OLD, NEW]) {
      const before = changes.count();
      overwrite(file, token);
      await changes.moreThan(before);
      expect(await storage.read()).toBe(token);
    }
  });

  test("of a removed file, and of its return", async () => {
    const { dir, file } = tokenDirectory();
    fs.writeFileSync(file, OLD);
    const { storage, changes } = watching(dir);
    expect(await storage.read()).toBe(OLD);
    fs.rmSync(file);
    await changes.moreThan(0);
    expect(await storage.read()).toBeNull();
    const before = changes.count();
    fs.writeFileSync(file, NEW);
    await changes.moreThan(before);
    expect(await storage.read()).toBe(NEW);
  });

  test("of a file in directories that do not exist yet", async () => {
    const { dir } = tokenDirectory();
    const configs = join(dir, "a", "b", "configs");
    const { changes } = watching(configs);
    fs.mkdirSync(join(dir, "a"));
    fs.mkdirSync(configs, { recursive: true });
    fs.writeFileSync(join(configs, ".auth_token"), NEW);
    await changes.moreThan(0);
  });

  test("of a file that appears during the first check", async () => {
    const { dir, file } = tokenDirectory();
    const { changes, stat } = watching(dir);
    stat.mockImplementation(async (path) => {
      const found = await poolFileSystem.stat(path).catch(() => null);
      if (path === file && found === null) fs.writeFileSync(file, NEW);
      return found ?? Promise.reject(fsError("ENOENT", "stat"));
    });
    await changes.moreThan(0);
  });

  test("of a file in a directory that was removed and recreated", async () => {
    const { dir } = tokenDirectory();
    const configs = join(dir, "configs");
    fs.mkdirSync(configs);
    fs.writeFileSync(join(configs, ".auth_token"), OLD);
    const { storage, changes } = watching(configs);
    expect(await storage.read()).toBe(OLD);
    fs.rmSync(configs, { recursive: true });
    await changes.moreThan(0);
    expect(await storage.read()).toBeNull();
    const before = changes.count();
    fs.mkdirSync(configs);
    fs.writeFileSync(join(configs, ".auth_token"), NEW);
    await changes.moreThan(before);
    expect(await storage.read()).toBe(NEW);
  });

  test("of a file in a directory that was replaced before a check", async () => {
    const { dir } = tokenDirectory();
    const configs = join(dir, "configs");
    fs.mkdirSync(configs);
    const { storage, changes } = watching(configs);
    for (const token of [OLD, NEW, "another-token"]) {
      fs.rmSync(configs, { recursive: true });
      fs.mkdirSync(configs);
      await new Promise((resolve) => setImmediate(resolve));
      const before = changes.count();
      fs.writeFileSync(join(configs, ".auth_token"), token);
      await changes.moreThan(before);
      await vi.waitFor(async () => expect(await storage.read()).toBe(token));
    }
  });

  test("of changes to a link's target, and to the link", async () => {
    const { dir, file } = tokenDirectory();
    const elsewhere = temporaryDirectory();
    fs.writeFileSync(join(elsewhere, "token"), OLD);
    fs.symlinkSync(join(elsewhere, "token"), file);
    const { storage, changes } = watching(dir);
    expect(await storage.read()).toBe(OLD);
    const actions = [
      () => overwrite(join(elsewhere, "token"), "in-place"),
      () => {
        fs.writeFileSync(join(elsewhere, "next"), "replaced");
        fs.renameSync(join(elsewhere, "next"), join(elsewhere, "token"));
      },
      () => {
        fs.writeFileSync(join(elsewhere, "other"), "led-elsewhere");
        fs.symlinkSync(join(elsewhere, "other"), join(dir, "link"));
        fs.renameSync(join(dir, "link"), file);
      },
      () => overwrite(join(elsewhere, "other"), "in-place-there"),
    ];
    for (const action of actions) {
      const before = changes.count();
      action();
      await changes.moreThan(before);
      await storage.read();
    }
    expect(await storage.read()).toBe("in-place-there");
  });

  const mounted = canMount ? "" : " (unchecked: cannot mount here)";
  test(`of writes to the source of a mounted file${mounted}`, () => {
    if (!canMount) return;
    const { dir, file } = tokenDirectory();
    const source = join(temporaryDirectory(), "source");
    fs.writeFileSync(source, OLD);
    fs.writeFileSync(file, "");
    const script = `${storageIn(dir)}
      const seen = [await storage.read()];
      const notified = new Promise((resolve) => storage.watch(resolve));
      const alive = setTimeout(() => {}, 4_000);
      fs.writeFileSync(${JSON.stringify(source)}, "${NEW}");
      await notified;
      clearTimeout(alive);
      answer([...seen, await storage.read()]);`;
    expect(runMounted(`mount --bind ${source} ${file}; ${RUN}`, script)).toEqual([OLD, NEW]);
  });

  test("eventually, without events from the system or free watches", async () => {
    const { dir, file } = tokenDirectory();
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    vi.spyOn(fs, "watch").mockImplementation(() => {
      throw fsError("ENOSPC", "watch");
    });
    const { changes, armed } = watching(dir);
    await armed();
    let before = changes.count();
    fs.writeFileSync(file, NEW, { mode: 0o600 });
    await changes.moreThan(before, pollAgain);
    before = changes.count();
    overwrite(file, OLD);
    await changes.moreThan(before, pollAgain);
  });

  test("eventually, when the environment names another directory", async () => {
    const [one, two] = [tokenDirectory(), tokenDirectory()];
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    const env = { CONFIGS_DIR: one.dir };
    fs.writeFileSync(one.file, OLD, { mode: 0o600 });
    const { storage, changes, armed } = watching(env);
    await armed();
    let before = changes.count();
    env.CONFIGS_DIR = two.dir;
    await changes.moreThan(before, pollAgain);
    await storage.read();
    // And immediately from then on.
    before = changes.count();
    fs.writeFileSync(two.file, NEW);
    await changes.moreThan(before);
  });

  test("even after a watch has failed", async () => {
    const { dir, file } = tokenDirectory(OLD);
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    const made: EventEmitter[] = [];
    const real = fs.watch as (...args: unknown[]) => fs.FSWatcher;
    vi.spyOn(fs, "watch").mockImplementation(((...args: unknown[]) => {
      const watcher = real(...args);
      made.push(watcher);
      return watcher;
    }) as typeof fs.watch);
    const { changes, armed } = watching(dir);
    await armed();
    await vi.waitFor(() => expect(made).toHaveLength(2));
    const before = changes.count();
    for (const watcher of made) watcher.emit("error", fsError("EPERM", "watch"));
    fs.writeFileSync(file, NEW);
    await changes.moreThan(before, pollAgain);
    expect(made.length).toBeGreaterThan(2);
  });
});
