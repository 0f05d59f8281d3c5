import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import { join } from "node:path";

/** In-memory file systems: writing costs nothing there, and so proves nothing. */
const IN_MEMORY = ["tmpfs", "ramfs"];

/** A directory on a persistent file system: in the system's temporary directory, or else the working directory. */
export function scratchDirectory() {
  const locations = [os.tmpdir(), process.cwd()];
  const parent = locations.find((location) => !IN_MEMORY.includes(fileSystemOf(location))) ?? os.tmpdir();
  const path = mkdtempSync(join(parent, "bench-"));
  return {
    path,
    /** `ext4`, `xfs`, …; `unknown` if the system does not report it. */
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
