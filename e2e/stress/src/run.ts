import type { Experiment, ExperimentContext } from "./experiment.ts";
import type { Abilities } from "./fixtures/abilities.ts";
import type { Fixtures } from "./fixtures/fixtures.ts";
import { IMPLEMENTATIONS } from "./implementations.ts";
import type { Document } from "./report/documents.ts";
import type { Finding } from "./report/finding.ts";
import { describeMachine, type Report } from "./report/report.ts";
import type { Scale } from "./scale.ts";

export interface Plan {
  readonly document: Document;
  /** The results for that document. */
  readonly experiments: readonly Experiment[];
  readonly abilities: Abilities;
  readonly scale: Scale;
  readonly seed: number;
  /** Whether to test the other implementations too. */
  readonly compare: boolean;
}

/** Displays the progress. */
export interface Watcher {
  began(title: string): void;
  progress(share: number): void;
  ended(seconds: number): void;
}

/** Runs the experiments one after another; one that fails to run does not stop the others. */
export async function runExperiments(
  fixtures: Fixtures,
  { document, experiments, abilities, scale, seed, compare }: Plan,
  watcher: Watcher,
): Promise<Report> {
  const began = performance.now();
  const findings: Finding[] = [];
  const leftOut: string[] = [];
  const broken: string[] = [];
  const implementations = IMPLEMENTATIONS.filter(({ id }) => {
    if (id === "ours") return true;
    return compare && (id !== "python" || abilities.has("python3"));
  });
  const comparing = compare && document === "docs/durability.md";
  if (comparing && !abilities.has("python3")) leftOut.push("the truncating write, which needs python3");
  for (const experiment of experiments) {
    const missing = abilities.missing(experiment.needs);
    if (missing !== "") {
      leftOut.push(`${experiment.title}, which needs ${missing}`);
      continue;
    }
    const start = performance.now();
    watcher.began(experiment.title);
    try {
      const run = (inner: Fixtures) =>
        experiment.run({
          fixtures: inner,
          scale,
          seed,
          implementations,
          abilities,
          async each(part, ids) {
            const found: Finding[] = [];
            for (const each of implementations)
              if (ids === undefined || ids.includes(each.id))
                found.push(
                  ...[await inner.within((own) => part({ implementation: each, fixtures: own }))].flat(),
                );
            return found;
          },
          progress: (done, of) => watcher.progress(done / of),
          leaveOut: (what) => void leftOut.push(what),
        } satisfies ExperimentContext);
      findings.push(...(await fixtures.within(run)));
    } catch (error) {
      broken.push(`${experiment.title}: ${error instanceof Error ? error.message : String(error)}`);
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
