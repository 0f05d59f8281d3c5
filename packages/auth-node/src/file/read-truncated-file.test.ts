import fs from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { afterReading, beforeOpening } from "../../test/interleave.ts";
import { readFile } from "../../test/io.ts";
import { NEW, OLD, tokenDirectory } from "../../test/token-directory.ts";
import { poolFileSystem } from "./pool-file-system.ts";

test("a blank file is read while fake timers stand still", async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const { file } = tokenDirectory();
  fs.writeFileSync(file, "");
  expect(await readFile(file)).toBe(null);
});

describe("a writer that truncates and rewrites the file", () => {
  test("gets time to write", async () => {
    const { file } = tokenDirectory();
    fs.writeFileSync(file, "");
    const faults = beforeOpening({ 3: () => fs.writeFileSync(file, NEW) });
    expect(await readFile(file, faults)).toBe(NEW);
  });

  test("gets time to complete a partial token", async () => {
    const { file } = tokenDirectory();
    fs.writeFileSync(file, "\0\0\0");
    const faults = beforeOpening({
      2: () => fs.writeFileSync(file, Buffer.from([0xc3])),
      4: () => fs.writeFileSync(file, NEW),
    });
    expect(await readFile(file, faults)).toBe(NEW);
  });

  test("is detected when the file grows during the read", async () => {
    const { file } = tokenDirectory();
    fs.writeFileSync(file, NEW.slice(0, 20));
    const faults = afterReading((time) => {
      if (time === 1) fs.writeFileSync(file, NEW);
    });
    expect(await readFile(file, faults)).toBe(NEW);
  });

  test("is detected when the file shrinks between stat and read", async () => {
    const { file } = tokenDirectory();
    fs.writeFileSync(file, `${OLD}${OLD}`);
    const fstat = vi.fn(poolFileSystem.fstat).mockImplementationOnce(async (fd) => {
      const stats = await poolFileSystem.fstat(fd);
      fs.truncateSync(file, 10);
      fs.writeFileSync(file, NEW);
      return stats;
    });
    expect(await readFile(file, { fstat })).toBe(NEW);
  });

  test("is detected by content alone, with the same size and time", async () => {
    const { file } = tokenDirectory();
    fs.writeFileSync(file, OLD);
    const { atime, mtime } = fs.statSync(file);
    fs.utimesSync(file, atime, mtime);
    const faults = afterReading((time) => {
      if (time !== 1) return;
      const fd = fs.openSync(file, "r+");
      fs.writeSync(fd, NEW, 0);
      fs.closeSync(fd);
      fs.utimesSync(file, atime, mtime);
    });
    expect(await readFile(file, faults)).toBe(NEW);
  });

  test("makes the read fail if it never ends, rather than return a mixture", async () => {
    const { file } = tokenDirectory();
    fs.writeFileSync(file, OLD);
    const faults = afterReading((time) => fs.writeFileSync(file, "x".repeat(40 + time)));
    await expect(readFile(file, faults)).rejects.toMatchObject({
      code: "STORAGE_READ_FAILED",
      message: expect.stringContaining("keeps changing"),
    });
  });

  test("does not affect reads of a file that is replaced meanwhile", async () => {
    const { dir, file } = tokenDirectory();
    fs.writeFileSync(file, OLD);
    const open = vi.fn(poolFileSystem.open);
    const faults = afterReading((time) => {
      if (time !== 1) return;
      fs.writeFileSync(join(dir, "other"), NEW);
      fs.renameSync(join(dir, "other"), file);
    });
    expect(await readFile(file, { ...faults, open })).toBe(OLD);
    expect(open).toHaveBeenCalledTimes(1);
  });
});
