import fs from "node:fs";
import { join } from "node:path";
import { python, pythonProgram } from "../folder.ts";
import { start } from "./child.ts";
import { type Lab, run, unmount } from "./lab.ts";

/** An ext4 of our own, whose power can be cut. */
export interface Disk {
  readonly path: string;
  /** Cuts the power: what has not reached the disk by now is gone. All that use it are told `EIO`. */
  cutPower(): Promise<void>;
  /** Mounts it again, which replays its log. Nobody may hold a file of it open. */
  restart(): void;
}

const MIB = 1_024 * 1_024;

export async function createDisk(lab: Lab): Promise<Disk> {
  const image = createImage(lab, 64 * MIB);
  run("mkfs.ext4", ["-q", "-F", image]);
  const path = lab.mount(image, ["-o", "loop"]);
  fs.chmodSync(path, 0o755);
  const power = start(lab, [pythonProgram(), python("power")]);
  return {
    path,
    async cutPower() {
      if ((await power.ask(path)) !== "down") throw new Error("EXT4_IOC_SHUTDOWN does not work here.");
    },
    restart() {
      unmount(path);
      run("mount", ["-o", "loop", image, path]);
    },
  };
}

/** An empty file that can be made into a disk. */
export function createImage(lab: Lab, size: number): string {
  const image = join(lab.directory(), "image");
  fs.writeFileSync(image, "");
  fs.truncateSync(image, size);
  return image;
}

/** Puts a file and its name on the disk, with all that was done before (an ext4's log is one). */
export function flush(file: string, directory: string): void {
  for (const path of [file, directory]) {
    const fd = fs.openSync(path, "r");
    fs.fsyncSync(fd);
    fs.closeSync(fd);
  }
}
