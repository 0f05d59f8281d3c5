import type { EventEmitter } from "node:events";
import fs from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import { canMount, RUN, runMounted } from "../../test/child.ts";
import { fsError, NEW, OLD, place, temporaryDirectory } from "../../test/place.ts";
import { overwrite, watching } from "../../test/watching.ts";

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe("a watcher is told", () => {
  test("of what another program writes in place, though the time of modification stays", async () => {
    const { dir, file } = place();
    fs.writeFileSync(file, OLD);
    const { storage, notices } = watching(dir);
    expect(await storage.read()).toBe(OLD);
    for (const token of [NEW, OLD, NEW]) {
      const before = notices.count();
      overwrite(file, token);
      await notices.moreThan(before);
      expect(await storage.read()).toBe(token);
    }
  });

  test("of a file that is removed, and of one that comes back", async () => {
    const { dir, file } = place();
    fs.writeFileSync(file, OLD);
    const { storage, notices } = watching(dir);
    expect(await storage.read()).toBe(OLD);
    fs.rmSync(file);
    await notices.moreThan(0);
    expect(await storage.read()).toBeNull();
    const before = notices.count();
    fs.writeFileSync(file, NEW);
    await notices.moreThan(before);
    expect(await storage.read()).toBe(NEW);
  });

  test("of a file in directories that do not exist yet", async () => {
    const { dir } = place();
    const configs = join(dir, "a", "b", "configs");
    const { notices } = watching(configs);
    fs.mkdirSync(join(dir, "a"));
    fs.mkdirSync(configs, { recursive: true });
    fs.writeFileSync(join(configs, ".auth_token"), NEW);
    await notices.moreThan(0);
  });

  test("of a file in a directory that was removed and made again", async () => {
    const { dir } = place();
    const configs = join(dir, "configs");
    fs.mkdirSync(configs);
    fs.writeFileSync(join(configs, ".auth_token"), OLD);
    const { storage, notices } = watching(configs);
    expect(await storage.read()).toBe(OLD);
    fs.rmSync(configs, { recursive: true });
    await notices.moreThan(0);
    expect(await storage.read()).toBeNull();
    const before = notices.count();
    fs.mkdirSync(configs);
    fs.writeFileSync(join(configs, ".auth_token"), NEW);
    await notices.moreThan(before);
    expect(await storage.read()).toBe(NEW);
  });

  test("of a file in a directory that was replaced before anybody could look", async () => {
    const { dir } = place();
    const configs = join(dir, "configs");
    fs.mkdirSync(configs);
    const { storage, notices } = watching(configs);
    for (const token of [OLD, NEW, "another-token"]) {
      fs.rmSync(configs, { recursive: true });
      fs.mkdirSync(configs);
      await new Promise((resolve) => setImmediate(resolve));
      const before = notices.count();
      fs.writeFileSync(join(configs, ".auth_token"), token);
      await notices.moreThan(before);
      await vi.waitFor(async () => expect(await storage.read()).toBe(token));
    }
  });

  test("of what happens to the file that a link leads to, and to the link", async () => {
    const { dir, file } = place();
    const elsewhere = temporaryDirectory();
    fs.writeFileSync(join(elsewhere, "token"), OLD);
    fs.symlinkSync(join(elsewhere, "token"), file);
    const { storage, notices } = watching(dir);
    expect(await storage.read()).toBe(OLD);
    const changes = [
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
    for (const change of changes) {
      const before = notices.count();
      change();
      await notices.moreThan(before);
      await storage.read();
    }
    expect(await storage.read()).toBe("in-place-there");
  });

  const mounted = canMount ? "" : " (unchecked: nothing can be mounted here)";
  test(`of what is written into a file that is mounted here, from where it comes from${mounted}`, () => {
    if (!canMount) return;
    const { dir, file } = place();
    const source = join(temporaryDirectory(), "source");
    fs.writeFileSync(source, OLD);
    fs.writeFileSync(file, "");
    const script = `
      import fs from "node:fs";
      import { fileTokenStorage } from "@x/auth-node";
      const storage = fileTokenStorage({ configsDir: ${JSON.stringify(dir)} });
      const seen = [await storage.read()];
      const told = new Promise((resolve) => storage.watch(resolve));
      const alive = setTimeout(() => {}, 4_000);
      fs.writeFileSync(${JSON.stringify(source)}, "${NEW}");
      await told;
      clearTimeout(alive);
      answer([...seen, await storage.read()]);`;
    expect(runMounted(`mount --bind ${source} ${file}; ${RUN}`, script)).toEqual([OLD, NEW]);
  });

  test("in the end, where the system tells nothing or has no watches left", async () => {
    const { dir, file } = place();
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    vi.spyOn(fs, "watch").mockImplementation(() => {
      throw fsError("ENOSPC", "watch");
    });
    const { notices, armed } = watching(dir);
    await armed();
    let before = notices.count();
    fs.writeFileSync(file, NEW, { mode: 0o600 });
    vi.advanceTimersByTime(5_000);
    await notices.moreThan(before);
    before = notices.count();
    overwrite(file, OLD);
    vi.advanceTimersByTime(5_000);
    await notices.moreThan(before);
  });

  test("in the end, when the environment names another directory", async () => {
    const [one, two] = [place(), place()];
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    const env = { CONFIGS_DIR: one.dir };
    fs.writeFileSync(one.file, OLD, { mode: 0o600 });
    const { storage, notices, armed } = watching(env);
    await armed();
    let before = notices.count();
    env.CONFIGS_DIR = two.dir;
    vi.advanceTimersByTime(5_000);
    await notices.moreThan(before);
    await storage.read();
    // And from then on at once.
    before = notices.count();
    fs.writeFileSync(two.file, NEW);
    await notices.moreThan(before);
  });

  test("still, after a watch has failed", async () => {
    const { dir, file } = place();
    fs.writeFileSync(file, OLD, { mode: 0o600 });
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    const made: EventEmitter[] = [];
    const real = fs.watch as (...args: unknown[]) => fs.FSWatcher;
    vi.spyOn(fs, "watch").mockImplementation(((...args: unknown[]) => {
      const watcher = real(...args);
      made.push(watcher);
      return watcher;
    }) as typeof fs.watch);
    const { notices, armed } = watching(dir);
    await armed();
    expect(made).toHaveLength(2);
    const before = notices.count();
    for (const watcher of made) watcher.emit("error", fsError("EPERM", "watch"));
    fs.writeFileSync(file, NEW);
    vi.advanceTimersByTime(5_000);
    await notices.moreThan(before);
    expect(made.length).toBeGreaterThan(2);
  });
});
