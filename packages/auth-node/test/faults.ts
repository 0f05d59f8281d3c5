import fs from "node:fs";
import { vi } from "vitest";
import { fsError } from "./place.ts";

/** How the package calls `fs.writeSync`. */
export type Write = (
  fd: number,
  bytes: Uint8Array,
  offset: number,
  length: number,
  position: number,
) => number;

/** What a file on which something is mounted answers to a rename. */
export function refuseRename(code = "EBUSY"): void {
  vi.spyOn(fs, "renameSync").mockImplementation(() => {
    throw fsError(code, "rename");
  });
}

/** Takes over the nth write to the file itself (those to a new file beside it do not count). */
export function interceptWrites(
  file: string,
  take: (time: number, real: Write, args: Parameters<Write>) => number,
): void {
  const real = fs.writeSync as Write;
  let times = 0;
  vi.spyOn(fs, "writeSync").mockImplementation(((...args: Parameters<Write>) => {
    if (fs.fstatSync(args[0]).ino !== fs.statSync(file).ino) return real(...args);
    times += 1;
    return take(times, real, args);
  }) as typeof fs.writeSync);
}

/** Makes every fsync fail that `when` picks. */
export function failFlush(code: string, when: (fd: number) => boolean): void {
  const real = fs.fsync;
  vi.spyOn(fs, "fsync").mockImplementation(((fd: number, done: (error: Error | null) => void) =>
    when(fd) ? done(fsError(code, "fsync")) : real(fd, done)) as typeof fs.fsync);
}

export const isDirectory = (fd: number) => fs.fstatSync(fd).isDirectory();
