import fs from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import { runModule } from "../../test/child.ts";
import { NEW, OLD, place } from "../../test/place.ts";
import { overwrite, watching } from "../../test/watching.ts";
import { fileTokenStorage } from "./file-token-storage.ts";
import { poolFileSystem } from "./pool-file-system.ts";

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe("a watcher is not told", () => {
  test("of a touch, a chmod, the same token written again, or of other files", async () => {
    const { dir, file } = place();
    fs.writeFileSync(file, OLD, { mode: 0o600 });
    const { storage, notices, opened } = watching(dir);
    expect(await storage.read()).toBe(OLD);
    const changes = [
      () => fs.utimesSync(file, new Date(), new Date()),
      () => fs.chmodSync(file, 0o700),
      () => overwrite(file, OLD),
      () => overwrite(file, `${OLD}\n`),
    ];
    for (const change of changes) {
      opened.mockClear();
      change();
      // It has looked, and more than once where one change makes several events.
      await vi.waitFor(() => expect(opened).toHaveBeenCalled(), { interval: 2 });
    }
    fs.writeFileSync(join(dir, "other"), "");
    const found: string[] = [];
    notices.changed.mockImplementation(() => void found.push(fs.readFileSync(file, "utf8")));
    expect(notices.count()).toBe(0);
    await fileTokenStorage({ configsDir: dir }).write(NEW);
    await notices.moreThan(0);
    // Whatever was told came of this.
    expect(new Set(found)).toEqual(new Set([NEW]));
  });

  test("after it stopped, even if a look was under way", async () => {
    const { dir, file } = place();
    const { storage, notices, stop, opened, armed } = watching(dir);
    await armed();
    const looked = new Promise<void>((resolve) => {
      opened.mockImplementation(async (...args) => {
        stop();
        const fd = await poolFileSystem.open(...args);
        setImmediate(resolve);
        return fd;
      });
    });
    fs.writeFileSync(file, NEW);
    await looked;
    // Its turn comes after the look.
    await storage.read();
    expect(notices.count()).toBe(0);
  });
});

describe("watching", () => {
  test("is not ended by a listener that throws", async () => {
    const { dir, file } = place();
    const { storage, notices } = watching(dir);
    notices.changed.mockImplementationOnce(() => {
      throw new Error("the listener's own");
    });
    fs.writeFileSync(file, OLD);
    await notices.moreThan(0);
    await storage.read();
    const before = notices.count();
    fs.writeFileSync(file, NEW);
    await notices.moreThan(before);
  });

  test("keeps no process alive", () => {
    const { dir } = place();
    const script = `
      import { createNodeAuth } from "@x/auth-node";
      createNodeAuth({ configsDir: ${JSON.stringify(dir)} }).watch();
      createNodeAuth({ configsDir: ${JSON.stringify(join(dir, "a", "b"))} }).watch();
      answer(process.getActiveResourcesInfo().filter((name) => /FSEvent|Timeout/.test(name)));`;
    const begun = performance.now();
    runModule(script);
    expect(performance.now() - begun).toBeLessThan(4_000);
  });

  test("that was stopped leaves nothing behind", async () => {
    const { dir, file } = place();
    fs.writeFileSync(file, OLD, { mode: 0o600 });
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
