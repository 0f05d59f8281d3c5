import fs from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import { runModule } from "../../test/child.ts";
import { NEW, OLD, tokenDirectory } from "../../test/token-directory.ts";
import { overwrite, watching } from "../../test/watching.ts";
import { fileTokenStorage } from "./file-token-storage.ts";
import { poolFileSystem } from "./pool-file-system.ts";

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe("a watcher is not notified", () => {
  test("of a touch, a chmod, the same token written again, or of other files", async () => {
    const { dir, file } = tokenDirectory(OLD);
    const { storage, changes, opened } = watching(dir);
    expect(await storage.read()).toBe(OLD);
    const actions = [
      () => fs.utimesSync(file, new Date(), new Date()),
      () => fs.chmodSync(file, 0o700),
      () => overwrite(file, OLD),
      () => overwrite(file, `${OLD}\n`),
    ];
    for (const action of actions) {
      opened.mockClear();
      action();
      // It has checked, more than once if one change makes several events.
      await vi.waitFor(() => expect(opened).toHaveBeenCalled(), { interval: 2 });
    }
    fs.writeFileSync(join(dir, "other"), "");
    const found: string[] = [];
    changes.changed.mockImplementation(() => void found.push(fs.readFileSync(file, "utf8")));
    expect(changes.count()).toBe(0);
    await fileTokenStorage({ configsDir: dir }).write(NEW);
    await changes.moreThan(0);
    // This is the only change that was reported.
    expect(new Set(found)).toEqual(new Set([NEW]));
  });

  test("after it unsubscribed, even during a check", async () => {
    const { dir, file } = tokenDirectory();
    const { storage, changes, stop, opened, armed } = watching(dir);
    await armed();
    const checked = new Promise<void>((resolve) => {
      opened.mockImplementation(async (...args) => {
        stop();
        const fd = await poolFileSystem.open(...args);
        setImmediate(resolve);
        return fd;
      });
    });
    fs.writeFileSync(file, NEW);
    await checked;
    // Runs only after the check.
    await storage.read();
    expect(changes.count()).toBe(0);
  });
});

describe("watching", () => {
  test("survives a listener that throws", async () => {
    const { dir, file } = tokenDirectory();
    const { storage, changes } = watching(dir);
    changes.changed.mockImplementationOnce(() => {
      throw new Error("thrown by the listener");
    });
    fs.writeFileSync(file, OLD);
    await changes.moreThan(0);
    await storage.read();
    const before = changes.count();
    fs.writeFileSync(file, NEW);
    await changes.moreThan(before);
  });

  test("does not keep the process alive", () => {
    const { dir } = tokenDirectory();
    const script = `
      import { createNodeAuth } from "@x/auth-node";
      createNodeAuth({ configsDir: ${JSON.stringify(dir)} }).watch();
      createNodeAuth({ configsDir: ${JSON.stringify(join(dir, "a", "b"))} }).watch();
      answer(process.getActiveResourcesInfo().filter((name) => /FSEvent|Timeout/.test(name)));`;
    const begun = performance.now();
    runModule(script);
    expect(performance.now() - begun).toBeLessThan(4_000);
  });

  test("leaves nothing behind once unsubscribed", async () => {
    const { dir } = tokenDirectory(OLD);
    const closed: (() => boolean)[] = [];
    const real = fs.watch as (...args: unknown[]) => fs.FSWatcher;
    vi.spyOn(fs, "watch").mockImplementation(((...args: unknown[]) => {
      const watcher = real(...args);
      let isClosed = false;
      watcher.on("close", () => {
        isClosed = true;
      });
      closed.push(() => isClosed);
      return watcher;
    }) as typeof fs.watch);
    const { stop, armed } = watching(dir);
    await armed();
    stop();
    await vi.waitFor(() => expect(closed.map((isClosed) => isClosed())).toEqual([true, true]));
  });
});
