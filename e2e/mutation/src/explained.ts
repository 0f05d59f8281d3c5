import fs from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const packageFolder = fileURLToPath(new URL("..", import.meta.url));

/** A mutant that no test kills. */
export interface Survivor {
  /** The file's name. */
  readonly file: string;
  /** The original line. */
  readonly code: string;
  /** The replacement for a part of it. */
  readonly becomes: string;
}

/** The README's explanation why no test can kill it. */
export interface Explanation extends Survivor {
  readonly why: string;
}

export function readExplanations(): Explanation[] {
  const lines = fs.readFileSync(join(packageFolder, "README.md"), "utf8").split("\n");
  return lines.flatMap((line) => {
    const [, file, code, becomes, why] =
      /^\| `([^`]+\.ts)` \| `([^`]+)` \| `([^`]+)` \| (.+) \|$/.exec(line) ?? [];
    if (!file || !code || !becomes || !why) return [];
    return [{ file, code: code.replaceAll("\\|", "|"), becomes, why }];
  });
}

/** Unexplained survivors, and explanations of mutants that do not survive. */
export function compare(survivors: readonly Survivor[], explanations: readonly Explanation[]) {
  return {
    unexplained: survivors.filter((each) => !explanations.some((other) => same(each, other))),
    needless: explanations.filter((each) => !survivors.some((other) => same(each, other))),
  };
}

const same = (one: Survivor, other: Survivor) =>
  one.file === other.file && one.code === other.code && one.becomes === other.becomes;
