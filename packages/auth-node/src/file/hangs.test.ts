import fs from "node:fs";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { withFaults } from "../../test/io.ts";
import { NEW, OLD, tokenDirectory } from "../../test/token-directory.ts";
import type { FileSystem } from "./file-system.ts";
import { fileTokenStorage } from "./file-token-storage.ts";
import { poolFileSystem } from "./pool-file-system.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
});

afterEach(() => vi.useRealTimers());

/** A call that hangs until it is released. */
function hanging<K extends keyof FileSystem>(call: K) {
  let release = () => {};
  let reached = () => {};
  const isReached = new Promise<void>((resolve) => {
    reached = resolve;
  });
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const real = poolFileSystem[call] as (...args: unknown[]) => Promise<unknown>;
  const mock = vi.fn(async (...args: unknown[]) => {
    reached();
    await released;
    return real(...args);
  });
  return { faults: { [call]: mock } as Partial<FileSystem>, mock, release, isReached };
}

describe("when an operation hangs", () => {
  test("the next one is rejected after 5 s, those after that at once, and none of them takes a thread", async () => {
    const { dir } = tokenDirectory(OLD);
    const { faults, mock, release, isReached } = hanging("stat");
    const storage = fileTokenStorage({ configsDir: dir, io: withFaults(faults) });
    const first = storage.read();
    await isReached;
    const message = (seconds: number) =>
      expect.stringContaining(`the disk has not answered for ${seconds} s`);
    const second = expect(storage.read()).rejects.toMatchObject({
      code: "STORAGE_READ_FAILED",
      message: message(5),
    });
    const third = expect(storage.write(NEW)).rejects.toMatchObject({
      code: "STORAGE_WRITE_FAILED",
      message: message(5),
    });
    await vi.advanceTimersByTimeAsync(5_000);
    await Promise.all([second, third]);
    await vi.advanceTimersByTimeAsync(2_000);
    await expect(storage.read()).rejects.toThrow("has not answered for 7 s");
    await expect(storage.probe()).rejects.toMatchObject({
      code: "STORAGE_WRITE_FAILED",
      message: message(7),
    });
    expect(mock).toHaveBeenCalledTimes(1);
    release();
    expect(await first).toBe(OLD);
    // It works again, and rejected calls are not carried out.
    expect(await storage.read()).toBe(OLD);
    await storage.write(NEW);
    expect(await storage.read()).toBe(NEW);
  });

  test("an abort ends the caller's wait immediately, with its reason, and the save at its next step", async () => {
    const { dir, text, names } = tokenDirectory(OLD);
    const { faults, release, isReached } = hanging("fsync");
    const storage = fileTokenStorage({ configsDir: dir, io: withFaults(faults) });
    const controller = new AbortController();
    const saved = storage.write(NEW, { signal: controller.signal });
    const reason = new Error("enough");
    const rejected = expect(saved).rejects.toBe(reason);
    await isReached;
    controller.abort(reason);
    await rejected;
    release();
    expect(await storage.read()).toBe(OLD);
    expect(text()).toBe(OLD);
    expect(names()).toEqual([".auth_token"]);
  });

  test("a watcher starts no second check while its first one hangs", async () => {
    vi.useFakeTimers({
      toFake: ["setInterval", "clearInterval", "setTimeout", "clearTimeout", "performance"],
    });
    const { dir } = tokenDirectory();
    const { faults, mock, release, isReached } = hanging("stat");
    const storage = fileTokenStorage({ configsDir: dir, io: withFaults(faults) });
    const stop = storage.watch(() => {});
    await isReached;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(mock).toHaveBeenCalledTimes(1);
    stop();
    release();
  });

  test("another path, and another storage, are not blocked", async () => {
    const [one, two] = [tokenDirectory(), tokenDirectory()];
    fs.writeFileSync(two.file, OLD, { mode: 0o600 });
    const { faults, release, isReached } = hanging("stat");
    const first = fileTokenStorage({ configsDir: one.dir, io: withFaults(faults) }).read();
    await isReached;
    expect(await fileTokenStorage({ configsDir: two.dir }).read()).toBe(OLD);
    release();
    await first;
  });
});
