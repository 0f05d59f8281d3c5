import { execFileSync } from "node:child_process";
import fs from "node:fs";
import { join } from "node:path";
import { rootFolder } from "../folder.ts";
import { MARK } from "./mark.ts";

/** A line that contains a secret, redacted. */
interface Leak {
  readonly where: string;
  readonly line: string;
}

export interface Search {
  readonly lines: number;
  readonly leaks: readonly Leak[];
}

/** Searches entire files of any kind, line by line. */
export function search(files: readonly string[]): Search {
  const leaks: Leak[] = [];
  let lines = 0;
  for (const where of files) {
    for (const line of fs.readFileSync(where, "utf8").split("\n")) {
      lines += 1;
      if (line.toLowerCase().includes(MARK)) leaks.push({ where, line: withoutSecrets(line) });
    }
  }
  return { lines, leaks };
}

function withoutSecrets(line: string): string {
  return line.replace(new RegExp(`[\\w.~-]*${MARK}[\\w.~-]*`, "gi"), "<a token>").slice(0, 300);
}

/** All files below a directory. */
export function filesIn(directory: string): string[] {
  if (!fs.existsSync(directory)) return [];
  return fs
    .readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** The repository's documents: all but the programs, which generate the tokens. */
export function documents(): string[] {
  const tracked = execFileSync("git", ["ls-files", "-z"], { cwd: rootFolder, encoding: "utf8" });
  const paths = tracked.split("\0").filter((path) => path !== "" && !/\.(ts|mjs|cjs|js|py)$/.test(path));
  return paths.map((path) => join(rootFolder, path)).filter((path) => fs.existsSync(path));
}
