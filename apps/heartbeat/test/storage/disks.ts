import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";

/** The real file threads, on disks that can be made to hang. */
export const HANGING_DISK = new URL("./hanging-disk-worker.mjs", import.meta.url);
/** File threads that do what tests ask for. */
export const SCRIPTED = new URL("./scripted-worker.mjs", import.meta.url);

/** A new directory, removed after the test. */
export function temporaryDirectory(): string {
  const path = fs.mkdtempSync(join(os.tmpdir(), "heartbeat-storage-"));
  onTestFinished(() => fs.rmSync(path, { recursive: true, force: true }));
  return path;
}

export function makePipe(path: string): void {
  fs.mkdirSync(dirname(path), { recursive: true });
  const { status } = spawnSync("sh", ["-c", 'mkfifo "$0"', path]);
  if (status !== 0) throw new Error(`There is no pipe at ${path}.`);
}

/** A pipe that blocks its readers. */
export interface Hang {
  readonly pipe: string;
  /** The disk answers again. */
  end(): void;
}

/** What reads the pipe at this path hangs until `end`, at most as long as the test. */
export function hangAt(pipe: string): Hang {
  makePipe(pipe);
  const end = () => {
    if (!fs.existsSync(pipe)) return;
    // Readers are let in when it is opened, and out when it is closed; those that come later find no pipe.
    const fd = fs.openSync(pipe, fs.constants.O_RDWR | fs.constants.O_NONBLOCK);
    fs.writeSync(fd, "go on");
    fs.unlinkSync(pipe);
    fs.closeSync(fd);
  };
  onTestFinished(end);
  return { pipe, end };
}

/** Whether it did not fail. */
export async function succeeds(work: () => unknown): Promise<boolean> {
  try {
    await work();
    return true;
  } catch {
    return false;
  }
}
