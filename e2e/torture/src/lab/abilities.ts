import { spawnSync } from "node:child_process";
import fs from "node:fs";

/** What an experiment may need that not every machine has. */
export type Ability = "root" | "mounts" | "ext4" | "btrfs" | "strace" | "namespaces" | "proc" | "python3";

/** What each is, in words for people. */
const NEEDS: Record<Ability, string> = {
  root: "root",
  mounts: "root and leave to mount",
  ext4: "root, loop devices, mkfs.ext4 and python3",
  btrfs: "root, loop devices and mkfs.btrfs",
  strace: "strace and leave to trace",
  namespaces: "leave to make PID namespaces",
  proc: "/proc",
  python3: "python3",
};

export interface Abilities {
  has(ability: Ability): boolean;
  /** What is missing of `needs`, in words; empty when nothing is. */
  missing(needs: readonly Ability[]): string;
}

/** Finds out by trying; all of it ends with the tries. */
export function findAbilities(): Abilities {
  const root = process.getuid?.() === 0;
  const mounts = root && works("unshare", ["-m", "mount", "-t", "tmpfs", "none", "/mnt"]);
  const python3 = works("python3", ["--version"]);
  const has: Record<Ability, boolean> = {
    root,
    mounts,
    python3,
    proc: fs.existsSync("/proc/self/status"),
    ext4: mounts && python3 && canLoop("mkfs.ext4 -q -F", 4) && knows("ext4"),
    btrfs: mounts && works("mkfs.btrfs", ["--version"]) && knows("btrfs"),
    strace: works("strace", ["-o", "/dev/null", "true"]),
    namespaces: works("unshare", NEW_PID_NAMESPACE.slice(1).concat("true")),
  };
  return {
    has: (ability) => has[ability],
    missing: (needs) =>
      needs
        .filter((need) => !has[need])
        .map((need) => NEEDS[need])
        .join("; "),
  };
}

/** Runs what follows as process 1 of a namespace of its own; without root, of a user namespace too. */
export const NEW_PID_NAMESPACE: readonly string[] = [
  "unshare",
  ...(process.getuid?.() === 0 ? [] : ["--map-root-user"]),
  "--fork",
  "--pid",
  "--mount-proc",
  "--kill-child",
];

function works(program: string, args: readonly string[]): boolean {
  return spawnSync(program, args, { stdio: "ignore", timeout: 10_000 }).status === 0;
}

/** Mounts that are made in a namespace of its own go with it. */
function canLoop(makeFileSystem: string, mebibytes: number): boolean {
  const script = `
    d=$(mktemp -d); trap 'cd /; umount "$d/disk"; rm -r "$d"' EXIT; cd "$d"
    truncate -s ${mebibytes}M image; ${makeFileSystem} image; mkdir disk; mount -o loop image disk`;
  return works("unshare", ["-m", "sh", "-ec", script]);
}

function knows(fileSystem: string): boolean {
  if (!fs.existsSync("/proc/filesystems")) return false;
  return new RegExp(`\\t${fileSystem}$`, "m").test(fs.readFileSync("/proc/filesystems", "utf8"));
}
