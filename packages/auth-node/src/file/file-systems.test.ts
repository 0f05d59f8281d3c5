import fs from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { tokenDirectory } from "../../test/token-directory.ts";
import { beginAccess } from "./access.ts";
import type { FileSystem } from "./file-system.ts";
import { poolFileSystem } from "./pool-file-system.ts";
import { syncFileSystem } from "./sync-file-system.ts";

const { O_CREAT, O_EXCL, O_RDWR } = fs.constants;
const bytesOf = (text: string) => Buffer.from(text);

/** With its own signal, each call is one that has not been aborted. */
const FILE_SYSTEMS: [string, FileSystem][] = [
  ["the pool", poolFileSystem],
  ["a worker", syncFileSystem],
  ["a call with a signal", beginAccess(poolFileSystem, new AbortController().signal).io],
];

it.each(FILE_SYSTEMS)("every operation does the same through %s", async (_name, io) => {
  const { dir } = tokenDirectory("old");
  const [file, moved, second, link, below] = ["file", "moved", "second", "link", "below"].map((name) =>
    join(dir, name),
  ) as [string, string, string, string, string];
  const fd = await io.open(file, O_CREAT | O_EXCL | O_RDWR, 0o640);
  expect(await io.write(fd, bytesOf("a longer text"), 0)).toBe(13);
  await io.ftruncate(fd, 8);
  await io.fchmod(fd, 0o600);
  await io.fchown(fd, process.getuid?.() ?? 0, process.getgid?.() ?? 0);
  await io.fsync(fd);
  const read = Buffer.alloc(20);
  expect(await io.read(fd, read, 2)).toBe(6);
  expect(read.toString("utf8", 0, 6)).toBe("longer");
  const { ino, mode, size, uid } = await io.fstat(fd);
  expect([mode & 0o777, size, uid]).toEqual([0o600, 8, process.getuid?.()]);
  await io.close(fd);
  await expect(io.fstat(fd)).rejects.toMatchObject({ code: "EBADF" });

  await io.rename(file, moved);
  await io.link(moved, second);
  fs.symlinkSync("moved", link);
  expect(await io.readlink(link)).toBe("moved");
  expect(await io.realpath(link)).toBe(fs.realpathSync(moved));
  expect((await io.lstat(link)).isSymbolicLink()).toBe(true);
  expect((await io.stat(link)).ino).toBe(ino);
  expect((await io.stat(second)).ino).toBe(ino);
  await io.unlink(moved);
  await expect(io.access(moved, fs.constants.F_OK)).rejects.toMatchObject({ code: "ENOENT" });
  await io.access(second, fs.constants.R_OK);

  await io.mkdir(below, 0o700);
  await io.chmod(below, 0o750);
  expect((await io.stat(below)).mode & 0o777).toBe(0o750);
  expect((await io.readdir(dir)).sort()).toEqual([".auth_token", "below", "link", "second"]);
});

it("after an abort only closing and unlinking continue", async () => {
  const controller = new AbortController();
  const called: string[] = [];
  const real = Object.fromEntries(
    Object.keys(poolFileSystem).map((name) => [name, async () => called.push(name)]),
  ) as unknown as FileSystem;
  const { io } = beginAccess(real, controller.signal);
  const reason = new Error("too late");
  controller.abort(reason);
  const calls = Object.entries(io) as [string, () => Promise<unknown>][];
  const outcomes = await Promise.allSettled(calls.map(([, call]) => call()));
  expect(called.sort()).toEqual(["close", "unlink"]);
  const rejected = outcomes.flatMap((each) => (each.status === "rejected" ? [each.reason as unknown] : []));
  expect(rejected).toEqual(Array(calls.length - 2).fill(reason));
});
