import type { Candidate, Experiment } from "../experiment.ts";
import { NEW_PID_NAMESPACE } from "../fixtures/abilities.ts";
import { start } from "../fixtures/child.ts";
import { built } from "../folder.ts";
import { inspectFile, leftovers, writerOf } from "../implementations.ts";
import { createTally, type Finding } from "../report/finding.ts";
import type { Scale } from "../scale.ts";

/** Far apart and out of step, so that concurrent tokens differ in length. */
const FROM = [1, 1_000_000];

export const namespaces: Experiment = {
  id: "namespaces",
  title: "two writers, each process 1 of its own PID namespace",
  document: "docs/durability.md",
  needs: ["namespaces"],
  run: ({ each, scale, progress }) => each((candidate) => writeTogether(candidate, scale, progress)),
};

async function writeTogether(
  { fixtures, implementation }: Candidate,
  { savesAsProcessOne: saves }: Scale,
  progress: (done: number, of: number) => void,
): Promise<Finding[]> {
  const directory = fixtures.directory();
  await start(fixtures, [...writerOf(implementation), "loop", directory, "1", "1"]).ended;
  const reader = start(fixtures, [process.execPath, built("reader"), implementation.id, "raw", directory]);
  await reader.line();
  const writes = createTally();
  let done = 0;
  const writers = FROM.map((from) => {
    const loop = ["loop", directory, String(from), String(from + saves - 1)];
    return start(fixtures, [...NEW_PID_NAMESPACE, ...writerOf(implementation), ...loop], {
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
  const last = inspectFile(directory, implementation);
  reads.add(last.kind === "whole" ? null : last.kind);
  reads.add(leftovers(directory, implementation).length === 0 ? null : "left beside it");
  return [
    reads.finding("Two writers that are both process 1: bad reads", implementation.id),
    writes.finding("Two writers that are both process 1: saves that failed", implementation.id),
  ];
}
