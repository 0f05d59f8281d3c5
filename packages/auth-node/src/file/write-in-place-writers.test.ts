import fs from "node:fs";
import { afterEach, describe, expect, test, vi } from "vitest";
import { interceptWrites, notReplaceable } from "../../test/faults.ts";
import { writeFile } from "../../test/io.ts";
import { NEW, OLD, tokenDirectory } from "../../test/token-directory.ts";
import { poolFileSystem } from "./pool-file-system.ts";

afterEach(() => vi.restoreAllMocks());

const LONG = "long".repeat(1_000);

describe("when another writer writes in place at the same time", () => {
  test("the last one to check repairs the mixed content", async () => {
    const { file, text } = tokenDirectory(OLD);
    const writes = interceptWrites(file, async (time, args, real) => {
      const written = await real(...args);
      if (time === 1) fs.writeFileSync(file, "another writer's longer token ".repeat(3));
      return written;
    });
    await writeFile(file, NEW, { ...notReplaceable(), ...writes });
    expect(text()).toBe(NEW);
  });

  test("a file that the other shortened is not padded with zero bytes", async () => {
    const { file, text } = tokenDirectory();
    fs.writeFileSync(file, LONG, { mode: 0o600 });
    const states: string[] = [];
    let times = 0;
    const fsync = async (fd: number) => {
      times += 1;
      // The second write: the first was the copy's.
      if (times === 2) fs.writeFileSync(file, "short");
      await poolFileSystem.fsync(fd);
      states.push(text());
    };
    await writeFile(file, NEW, { ...notReplaceable(), fsync });
    for (const state of states) expect(state).not.toContain("\0");
    expect(text()).toBe(NEW);
  });

  test("each succeeds, even on a slow disk", async () => {
    const fsync = async (fd: number) => {
      await poolFileSystem.fsync(fd);
      await new Promise((resolve) => setTimeout(resolve, 40 * Math.random()));
    };
    const crowd = Array.from({ length: 4 }, async () => {
      const { file, text } = tokenDirectory(OLD);
      const tokens = Array.from({ length: 12 }, (_, index) => `token-${"x".repeat(index)}`);
      // As two processes do, each one write after the other.
      const writers = [0, 1].map(async (writer) => {
        for (const token of tokens.filter((_, index) => index % 2 === writer)) {
          await writeFile(file, token, { ...notReplaceable(), fsync });
        }
      });
      await Promise.all(writers);
      expect(tokens).toContain(text());
    });
    await Promise.all(crowd);
  });

  test("one that never stops is reported, after pauses of at most 2 s on the slowest disk", async () => {
    const pauses: number[] = [];
    vi.spyOn(performance, "now").mockImplementation(() => 10_000 * pauses.length + 60_000 * Math.random());
    vi.spyOn(globalThis, "setTimeout").mockImplementation(((done: () => void, ms: number) => {
      pauses.push(ms);
      queueMicrotask(done);
    }) as typeof setTimeout);
    const { file } = tokenDirectory(OLD);
    const writes = interceptWrites(file, async (_time, args, real) => {
      const written = await real(...args);
      fs.writeFileSync(file, "never this one");
      return written;
    });
    await expect(writeFile(file, NEW, { ...notReplaceable(), ...writes })).rejects.toMatchObject({
      code: "STORAGE_WRITE_FAILED",
      message: expect.stringContaining("failed midway"),
    });
    expect(pauses).toHaveLength(7);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(2_000);
  });
});
