import fs from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import { afterReading, beforeOpening } from "../test/meanwhile.ts";
import { NEW, OLD, place } from "../test/place.ts";
import { readTokenFile } from "./read-token-file.ts";

afterEach(() => vi.restoreAllMocks());

describe("a writer who truncates the file and writes it anew", () => {
  test("is given the time to write", async () => {
    const { file } = place();
    fs.writeFileSync(file, "");
    beforeOpening({ 3: () => fs.writeFileSync(file, NEW) });
    expect(await readTokenFile(file)).toBe(NEW);
  });

  test("is given the time to finish what is not a token yet", async () => {
    const { file } = place();
    fs.writeFileSync(file, "\0\0\0");
    beforeOpening({
      2: () => fs.writeFileSync(file, Buffer.from([0xc3])),
      4: () => fs.writeFileSync(file, NEW),
    });
    expect(await readTokenFile(file)).toBe(NEW);
  });

  test("is noticed when the file grows during the read", async () => {
    const { file } = place();
    fs.writeFileSync(file, NEW.slice(0, 20));
    afterReading((time) => {
      if (time === 1) fs.writeFileSync(file, NEW);
    });
    expect(await readTokenFile(file)).toBe(NEW);
  });

  test("is noticed when the file shrinks between looking at it and reading it", async () => {
    const { file } = place();
    fs.writeFileSync(file, `${OLD}${OLD}`);
    const real = fs.fstatSync;
    vi.spyOn(fs, "fstatSync").mockImplementationOnce(((fd: number) => {
      const stats = real(fd);
      fs.truncateSync(file, 10);
      fs.writeFileSync(file, NEW);
      return stats;
    }) as typeof fs.fstatSync);
    expect(await readTokenFile(file)).toBe(NEW);
  });

  test("is noticed by the content alone, when size and time say nothing", async () => {
    const { file } = place();
    fs.writeFileSync(file, OLD);
    const { atime, mtime } = fs.statSync(file);
    fs.utimesSync(file, atime, mtime);
    afterReading((time) => {
      if (time !== 1) return;
      const fd = fs.openSync(file, "r+");
      fs.writeSync(fd, NEW, 0);
      fs.closeSync(fd);
      fs.utimesSync(file, atime, mtime);
    });
    expect(await readTokenFile(file)).toBe(NEW);
  });

  test("makes the read fail when it never ends, rather than give a mixture", async () => {
    const { file } = place();
    fs.writeFileSync(file, OLD);
    afterReading((time) => fs.writeFileSync(file, "x".repeat(40 + time)));
    await expect(readTokenFile(file)).rejects.toMatchObject({
      code: "STORAGE_READ_FAILED",
      message: expect.stringContaining("keeps changing"),
    });
  });

  test("does not disturb who reads a file that is replaced meanwhile", async () => {
    const { dir, file } = place();
    fs.writeFileSync(file, OLD);
    const opened = vi.spyOn(fs, "open");
    afterReading((time) => {
      if (time !== 1) return;
      fs.writeFileSync(join(dir, "other"), NEW);
      fs.renameSync(join(dir, "other"), file);
    });
    expect(await readTokenFile(file)).toBe(OLD);
    expect(opened).toHaveBeenCalledTimes(1);
  });
});
