import { statSync } from "node:fs";

/** Files, and the stamp that each had just before it was read. */
export type ReadFiles = ReadonlyMap<string, string>;

/** Taken before the files are read, so that no later change is missed. */
export function stampsOf(paths: readonly (string | undefined)[]): ReadFiles {
  return new Map(paths.filter((path) => path !== undefined).map((path) => [path, stampOf(path)]));
}

/** Differs after each change, and for a replaced file. Empty for a pipe, which can be read only once. */
function stampOf(path: string): string {
  try {
    const found = statSync(path, { bigint: true });
    const { dev, ino, size, mtimeNs, ctimeNs } = found;
    return found.isFile() ? [dev, ino, size, mtimeNs, ctimeNs].join(":") : "";
  } catch {
    return "";
  }
}
