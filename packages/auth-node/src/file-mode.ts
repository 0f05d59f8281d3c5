import fs, { type Stats } from "node:fs";
import type { EmitFileEvent } from "./events.ts";
import { ourUid } from "./fs-errors.ts";

const PERMISSIONS = 0o777;
const OTHERS = 0o077;

/** Whether anybody but the owner may read, change or run it. Windows keeps this elsewhere and says nothing here. */
export function isExposed(stats: Stats): boolean {
  return ourUid() !== undefined && (stats.mode & OTHERS) !== 0;
}

export function permissionsOf(stats: Stats): number {
  return stats.mode & PERMISSIONS;
}

/**
 * Gives a file to its owner alone.
 *
 * @returns whether that could be done: there are file systems without modes, and read-only ones
 */
export function makePrivate(fd: number): boolean {
  try {
    fs.fchmodSync(fd, 0o600);
    return true;
  } catch {
    return false;
  }
}

/** Looks at each file that is read, whatever its content is. */
export type ModeGuard = (path: string, fd: number, stats: Stats) => void;

/** Tightens what is ours (unless told not to), and tells what stays open to others, once. */
export function createModeGuard(options: { tighten: boolean; emit: EmitFileEvent }): ModeGuard {
  let told = "";
  return (path, fd, stats) => {
    if (!isExposed(stats)) {
      told = "";
      return;
    }
    const mode = permissionsOf(stats);
    if (options.tighten && stats.uid === ourUid() && makePrivate(fd)) {
      told = "";
      options.emit({ type: "token-file-tightened", path, mode });
      return;
    }
    const state = `${path}:${stats.uid}:${mode}`;
    if (state === told) return;
    told = state;
    options.emit({ type: "token-file-exposed", path, mode, uid: stats.uid });
  };
}
