import { basename, dirname } from "node:path";
import { type Access, beginAccess } from "../src/file/access.ts";
import type { FileSystem } from "../src/file/file-system.ts";
import type { FileLocation } from "../src/file/location.ts";
import { poolFileSystem } from "../src/file/pool-file-system.ts";
import { readTokenFile } from "../src/file/read-token-file.ts";
import { writeTokenFile } from "../src/file/write-token-file.ts";

/** The real file system with some calls replaced. */
export function withFaults(faults: Partial<FileSystem> = {}): FileSystem {
  return { ...poolFileSystem, ...faults };
}

export function accessWith(faults: Partial<FileSystem> = {}): Access {
  return beginAccess(withFaults(faults));
}

/** The location of a file in an unshared directory. */
function locationOf(file: string): FileLocation {
  return { configsDir: dirname(file), fileName: basename(file), root: null };
}

export function readFile(file: string, faults: Partial<FileSystem> = {}) {
  return readTokenFile(accessWith(faults), locationOf(file));
}

export function writeFile(file: string, token: string, faults: Partial<FileSystem> = {}) {
  return writeTokenFile(accessWith(faults), locationOf(file), token);
}
