import type { Trial } from "../bench.ts";
import { type Contestant, leftovers, look, writerOf } from "../contestants.ts";
import { built } from "../folder.ts";
import { NEW_PID_NAMESPACE } from "../lab/abilities.ts";
import { start } from "../lab/child.ts";
import type { Lab } from "../lab/lab.ts";
import { createTally, type Finding } from "../report/finding.ts";
import type { Scale } from "../scale.ts";

/** Far apart, and not in step: their tokens differ in length at any one time. */
const FROM = [1, 1_000_000];

export const namespaces: Trial = {
  id: "namespaces",
  title: "two writers, each process 1 of its own PID namespace",
  document: "docs/durability.md",
  needs: ["namespaces"],
  async run({ contestants, scale, lab, progress }) {
    const findings: Finding[] = [];
    for (const contestant of contestants) {
      findings.push(...(await lab.within((inner) => writeTogether(inner, contestant, scale, progress))));
    }
    return findings;
  },
};

async function writeTogether(
  lab: Lab,
  contestant: Contestant,
  { savesAsProcessOne: saves }: Scale,
  progress: (done: number, of: number) => void,
): Promise<Finding[]> {
  const directory = lab.directory();
  await start(lab, [...writerOf(contestant), "loop", directory, "1", "1"]).ended;
  const reader = start(lab, [process.execPath, built("reader"), contestant.id, "raw", directory]);
  await reader.line();
  const writes = createTally();
  let done = 0;
  const writers = FROM.map((from) => {
    const loop = ["loop", directory, String(from), String(from + saves - 1)];
    return start(lab, [...NEW_PID_NAMESPACE, ...writerOf(contestant), ...loop], {
      onLine(line) {
        if (line === "ready") return;
        writes.add(line.startsWith("!") ? line.slice(1) : null);
        done += 1;
        progress(done, FROM.length * saves);
      },
    });
  });
  for (const writer of writers) await writer.ended;
  if (done < FROM.length * saves) throw new Error("A writer ended too early.");
  reader.finish();
  const reads = createTally();
  const found: Record<string, number> = JSON.parse((await reader.line()) ?? "{}");
  for (const [kind, times] of Object.entries(found)) reads.add(kind === "whole" ? null : kind, times);
  const last = look(directory, contestant);
  reads.add(last.kind === "whole" ? null : last.kind);
  reads.add(leftovers(directory, contestant).length === 0 ? null : "left beside it");
  return [
    reads.finding("Two writers that are both process 1: bad reads", contestant.id),
    writes.finding("Two writers that are both process 1: saves that failed", contestant.id),
  ];
}
