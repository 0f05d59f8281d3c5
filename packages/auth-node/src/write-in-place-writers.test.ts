import fs from "node:fs";
import { afterEach, describe, expect, test, vi } from "vitest";
import { interceptWrites, refuseRename } from "../test/faults.ts";
import { NEW, OLD, place } from "../test/place.ts";
import { fileTokenStorage } from "./token-file.ts";
import { writeTokenFile } from "./write-token-file.ts";

afterEach(() => vi.restoreAllMocks());

const LONG = "long".repeat(1_000);

describe("when another writer writes in place at the same time", () => {
  test("the last of them to look repairs what they have mixed", async () => {
    const { file, text } = place();
    fs.writeFileSync(file, OLD);
    refuseRename();
    interceptWrites(file, (time, real, args) => {
      const written = real(...args);
      if (time === 1) fs.writeFileSync(file, "another writer's longer token ".repeat(3));
      return written;
    });
    await writeTokenFile(file, NEW);
    expect(text()).toBe(NEW);
  });

  test("a file that the other made shorter is not filled up with zero bytes", async () => {
    const { file, text } = place();
    fs.writeFileSync(file, LONG);
    refuseRename();
    const { fsync } = fs;
    const states: string[] = [];
    let times = 0;
    vi.spyOn(fs, "fsync").mockImplementation(((fd: number, done: (error: null) => void) => {
      times += 1;
      // The second one: the first was the copy's.
      if (times === 2) fs.writeFileSync(file, "short");
      fsync(fd, () => {
        states.push(text());
        done(null);
      });
    }) as typeof fs.fsync);
    await writeTokenFile(file, NEW);
    for (const state of states) expect(state).not.toContain("\0");
    expect(text()).toBe(NEW);
  });

  test("each gets its turn, though the disk is slow", async () => {
    refuseRename();
    const { fsync } = fs;
    vi.spyOn(fs, "fsync").mockImplementation(((fd: number, done: (error: Error | null) => void) =>
      fsync(fd, (error) => setTimeout(done, 40 * Math.random(), error))) as typeof fs.fsync);
    const crowd = Array.from({ length: 4 }, async () => {
      const { dir, file, text } = place();
      fs.writeFileSync(file, OLD);
      const [one, other] = [fileTokenStorage({ configsDir: dir }), fileTokenStorage({ configsDir: dir })];
      const tokens = Array.from({ length: 12 }, (_, index) => `token-${"x".repeat(index)}`);
      await Promise.all(tokens.map((token, index) => (index % 3 === 0 ? one : other).write(token)));
      expect(tokens).toContain(text());
    });
    await Promise.all(crowd);
  });

  test("one that never ends is reported, after pauses of at most 2 s however slow the disk is", async () => {
    const pauses: number[] = [];
    vi.spyOn(performance, "now").mockImplementation(() => 10_000 * pauses.length + 60_000 * Math.random());
    vi.spyOn(globalThis, "setTimeout").mockImplementation(((done: () => void, ms: number) => {
      pauses.push(ms);
      queueMicrotask(done);
    }) as typeof setTimeout);
    const { file } = place();
    fs.writeFileSync(file, OLD);
    refuseRename();
    interceptWrites(file, (_time, real, args) => {
      const written = real(...args);
      fs.writeFileSync(file, "never this one");
      return written;
    });
    await expect(writeTokenFile(file, NEW)).rejects.toMatchObject({
      code: "STORAGE_WRITE_FAILED",
      message: expect.stringContaining("failed midway"),
    });
    expect(pauses).toHaveLength(7);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(2_000);
  });
});
