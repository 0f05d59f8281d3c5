import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import { join } from "node:path";

export interface Scratch {
  readonly path: string;
  /** `ext4`, `xfs`, …; `unknown` where the system does not say. */
  readonly fileSystem: string;
  remove(): void;
}

/** Where writing costs nothing, and so proves nothing. */
const IN_MEMORY = ["tmpfs", "ramfs"];

/** A directory on a file system that keeps what it is given: the system's temporary one, else the working directory. */
export function scratchDirectory(): Scratch {
  const locations = [os.tmpdir(), process.cwd()];
  const parent = locations.find((location) => !IN_MEMORY.includes(fileSystemOf(location))) ?? os.tmpdir();
  const path = mkdtempSync(join(parent, "bench-"));
  return {
    path,
    fileSystem: fileSystemOf(parent),
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}

function fileSystemOf(path: string): string {
  let mounts: string;
  try {
    mounts = readFileSync("/proc/self/mounts", "utf8");
  } catch {
    return "unknown";
  }
  let best = { at: "", type: "unknown" };
  for (const line of mounts.split("\n")) {
    const [, at = "", type = ""] = line.split(" ");
    const holds = path === at || path.startsWith(at.endsWith("/") ? at : `${at}/`);
    if (holds && at.length >= best.at.length) best = { at, type };
  }
  return best.type;
}
