import type { Bench, Trial } from "./bench.ts";
import { CONTESTANTS } from "./contestants.ts";
import type { Abilities } from "./lab/abilities.ts";
import type { Lab } from "./lab/lab.ts";
import type { Document } from "./report/documents.ts";
import type { Finding } from "./report/finding.ts";
import { describeMachine, type Report } from "./report/report.ts";
import type { Scale } from "./scale.ts";

export interface Plan {
  readonly document: Document;
  /** Those of that document. */
  readonly trials: readonly Trial[];
  readonly abilities: Abilities;
  readonly scale: Scale;
  readonly seed: number;
  /** Whether to put the others to it too. */
  readonly compare: boolean;
}

/** Told what goes on, for people. */
export interface Watcher {
  began(title: string): void;
  progress(share: number): void;
  ended(seconds: number): void;
}

/** Runs the experiments one after the other; one that breaks down does not keep the others. */
export async function runTrials(
  lab: Lab,
  { document, trials, abilities, scale, seed, compare }: Plan,
  watcher: Watcher,
): Promise<Report> {
  const began = performance.now();
  const findings: Finding[] = [];
  const leftOut: string[] = [];
  const broken: string[] = [];
  const contestants = CONTESTANTS.filter(({ id }) => {
    if (id === "ours") return true;
    return compare && (id !== "python" || abilities.has("python3"));
  });
  const comparing = compare && document === "docs/durability.md";
  if (comparing && !abilities.has("python3")) leftOut.push("the truncating write, which needs python3");
  for (const trial of trials) {
    const missing = abilities.missing(trial.needs);
    if (missing !== "") {
      leftOut.push(`${trial.title}, which needs ${missing}`);
      continue;
    }
    const start = performance.now();
    watcher.began(trial.title);
    try {
      const run = (inner: Lab) =>
        trial.run({
          lab: inner,
          scale,
          seed,
          contestants,
          abilities,
          progress: (done, of) => watcher.progress(done / of),
          leaveOut: (what) => void leftOut.push(what),
        } satisfies Bench);
      findings.push(...(await lab.within(run)));
    } catch (error) {
      broken.push(`${trial.title}: ${error instanceof Error ? error.message : String(error)}`);
    }
    watcher.ended((performance.now() - start) / 1_000);
  }
  return {
    document,
    at: new Date().toISOString(),
    seconds: Math.round((performance.now() - began) / 1_000),
    machine: describeMachine(),
    findings,
    leftOut,
    broken,
  };
}
