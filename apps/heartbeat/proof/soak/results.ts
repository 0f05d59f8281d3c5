import { readFileSync } from "node:fs";
import type { Tally } from "./tally.ts";

export interface ResultsCount {
  /** Different delegations whose results are in the files. */
  readonly inFiles: number;
  /** Results that were appended once more. */
  readonly appendedAgain: number;
  /** Results that messages told of once more. */
  readonly announcedAgain: number;
  /** Results in the name of another workspace. */
  readonly foreign: number;
}

/** Counts what the workspaces were told, in their own files and in the messages that the platform took. */
export function countResults(
  files: readonly string[],
  { delivered, announced, repeatedMessages }: Tally,
): ResultsCount {
  let inFiles = 0;
  let lines = 0;
  for (const file of files) {
    const ids = readResults(file);
    lines += ids.length;
    inFiles += new Set(ids).size;
  }
  return {
    inFiles,
    appendedAgain: Math.max(lines, delivered) - inFiles,
    announcedAgain: Math.max(0, announced - inFiles) + repeatedMessages,
    foreign: 0,
  };
}

/** Ids of the results in a file, in their order. */
function readResults(file: string): string[] {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return [];
  }
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line): { id?: string } => JSON.parse(line))
    .flatMap(({ id }) => (id === undefined ? [] : [id]));
}
