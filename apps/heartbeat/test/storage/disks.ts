import { spawnSync } from "node:child_process";
import fs from "node:fs";
import { dirname } from "node:path";
import { onTestFinished } from "vitest";

/** The real file threads, on disks that can be made to hang. */
export const HANGING_DISK = new URL("./hanging-disk-worker.mjs", import.meta.url);
/** File threads with scripted operations. */
export const SCRIPTED = new URL("./scripted-worker.mjs", import.meta.url);

export function makePipe(path: string): void {
  fs.mkdirSync(dirname(path), { recursive: true });
  const { status } = spawnSync("sh", ["-c", 'mkfifo "$0"', path]);
  if (status !== 0) throw new Error(`The pipe at ${path} could not be created.`);
}

/** Readers of the pipe at this path hang until `end`, at most as long as the test. */
export function hangAt(pipe: string) {
  makePipe(pipe);
  const end = () => {
    if (!fs.existsSync(pipe)) return;
    // Opening it releases waiting readers; closing it ends their reads; later ones find no pipe.
    const fd = fs.openSync(pipe, fs.constants.O_RDWR | fs.constants.O_NONBLOCK);
    fs.writeSync(fd, "go on");
    fs.unlinkSync(pipe);
    fs.closeSync(fd);
  };
  onTestFinished(end);
  return { pipe, end };
}

/** Whether it succeeded. */
export async function succeeds(work: () => unknown): Promise<boolean> {
  try {
    await work();
    return true;
  } catch {
    return false;
  }
}
