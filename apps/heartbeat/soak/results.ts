import { existsSync, readFileSync } from "node:fs";
import type { Counters } from "./counters.ts";
import { FOREIGN } from "./delegating.ts";
import type { SimulatedAgent } from "./simulated-agent.ts";

export interface ResultsCount {
  /** Distinct delegations whose results are in the files. */
  readonly inFiles: number;
  /** Results that were appended again. Must stay 0. */
  readonly appendedAgain: number;
  /** Results that were announced again. Must stay 0. */
  readonly announcedAgain: number;
  /** Results in another workspace's name. Must stay 0. */
  readonly foreign: number;
}

/** Counts the results that the workspaces received, in their files and in the messages that the platform accepted. */
export function countResults(
  agents: Iterable<SimulatedAgent>,
  fileOf: (id: string) => string,
  { delivered, repeatedMessages }: Counters,
): ResultsCount {
  const count = { inFiles: 0, announcedAgain: repeatedMessages, foreign: 0 };
  let lines = 0;
  for (const { id, announced } of agents) {
    const ids = readResults(fileOf(id));
    const different = new Set(ids).size;
    lines += ids.length;
    count.inFiles += different;
    count.announcedAgain += Math.max(0, announced - different);
    count.foreign += ids.filter((result) => result.startsWith(FOREIGN)).length;
  }
  // A lost file shows up as fewer results than the runner reported as appended.
  return { ...count, appendedAgain: Math.max(lines, delivered) - count.inFiles };
}

/** Ids of the results in a file, in order. */
function readResults(file: string): string[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, "utf8")
    .split("\n")
    .flatMap((line) => idIn(line) ?? []);
}

/** `null`: what an agent wrote there. */
function idIn(line: string): string | null {
  try {
    const { id }: { id?: unknown } = Object(JSON.parse(line));
    return typeof id === "string" ? id : null;
  } catch {
    return null;
  }
}
