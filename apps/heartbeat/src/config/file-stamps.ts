import type { BigIntStats } from "node:fs";

/** Files, and the stamp that each had just before it was read. */
export type ReadFiles = ReadonlyMap<string, string>;

/** Differs after each change, and for a replaced file. Empty for a pipe, which can be read only once. */
export function stampOf(found: BigIntStats | null): string {
  if (found?.isFile() !== true) return "";
  const { dev, ino, size, mtimeNs, ctimeNs } = found;
  return [dev, ino, size, mtimeNs, ctimeNs].join(":");
}
