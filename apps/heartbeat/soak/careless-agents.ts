import { spawnSync } from "node:child_process";
import { appendFileSync, linkSync, lstatSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { betweenLog, pick, type Random, untilNext } from "./random.ts";
import type { SimulatedAgent } from "./simulated-agent.ts";
import type { VirtualTime } from "./virtual-time.ts";

/** What agents put where the runner keeps their files. */
const OBSTACLES = ["pipe", "device", "nothing", "garbage"] as const;

export interface CarelessAgentsOptions {
  readonly time: VirtualTime;
  readonly random: Random;
  readonly resultsFile: (id: string) => string;
  /** From one obstacle of a workspace to its next one, on average. */
  readonly meanMs: number;
  readonly shortestMs: number;
  readonly longestMs: number;
}

/** Where the file is meanwhile. */
export const keptAside = (path: string): string => `${path}.kept`;

export type CarelessAgents = ReturnType<typeof createCarelessAgents>;

/** Agents that have write access to their own directories, and do not know what the files are for. */
export function createCarelessAgents(options: CarelessAgentsOptions) {
  const { time, random, resultsFile, meanMs, shortestMs, longestMs } = options;
  const count: Record<string, number> = {};
  const inTheWay = new Set<string>();
  let isCleared = false;

  function obstruct(path: string): void {
    if (inTheWay.has(path) || !isFile(path)) return;
    const kind = pick(random, OBSTACLES);
    if (kind === "garbage" && path.endsWith(".jsonl")) appendFileSync(path, garbage(random));
    else if (kind === "garbage" || !putAside(path, kind)) return;
    else {
      inTheWay.add(path);
      time.after(betweenLog(random, shortestMs, longestMs), () => restore(path));
    }
    count[kind] = (count[kind] ?? 0) + 1;
  }

  function restore(path: string): void {
    if (!inTheWay.delete(path)) return;
    // Another file may have come in its place.
    if (isFile(path)) rmSync(keptAside(path), { force: true });
    else renameSync(keptAside(path), path);
  }

  function next(agent: SimulatedAgent): void {
    time.after(untilNext(random, meanMs), () => {
      if (isCleared) return;
      obstruct(random() < 0.5 ? agent.tokenFile : resultsFile(agent.id));
      next(agent);
    });
  }

  return {
    /** Obstacles so far, by kind. */
    count,
    engage: next,
    /** No more of them, and those that are there go. */
    clear() {
      isCleared = true;
      for (const path of inTheWay) restore(path);
    },
  };
}

const isFile = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false })?.isFile() ?? false;

/** In one step, so that there is never no file. */
function putAside(path: string, kind: "pipe" | "device" | "nothing"): boolean {
  const obstacle = `${path}.obstacle`;
  if (kind === "pipe" && spawnSync("mkfifo", [obstacle]).status !== 0) return false;
  if (kind !== "pipe") symlinkSync(kind === "device" ? "/dev/zero" : "nowhere/at-all", obstacle);
  rmSync(keptAside(path), { force: true });
  linkSync(path, keptAside(path));
  renameSync(obstacle, path);
  return true;
}

/** Lines that no runner writes. */
const garbage = (random: Random): string =>
  pick(random, [
    "{\n",
    "[1,2]\nnull\n",
    '{"id":7}\n\n',
    `${"\0".repeat(100)}\n`,
    '{"announced":"all"}\n',
    "\ufeff{}\r\n",
  ]);
