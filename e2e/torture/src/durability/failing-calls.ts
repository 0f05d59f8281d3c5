import fs from "node:fs";
import { join } from "node:path";
import type { Bench, Trial } from "../bench.ts";
import { type Contestant, fileIn, leftovers } from "../contestants.ts";
import type { Child } from "../lab/child.ts";
import type { Lab } from "../lab/lab.ts";
import { watchCalls } from "../lab/strace.ts";
import { createTally, type Finding } from "../report/finding.ts";
import { judge } from "../tokens.ts";
import { harm, type Outcome, saveFirst, saveOnce } from "./outcome.ts";
import { bindFile } from "./places.ts";
import { startServing } from "./serving.ts";

/**
 * What a save asks of the system. `write` is not among them for Node, which also wakes itself with it; ours writes with
 * `pwrite64`.
 */
const CALLS = ["/^open", "fchmod", "pwrite64", "fsync", "/^rename", "ftruncate", "pread64", "close"];
const PYTHON_CALLS = ["/^open", "write", "close"];

/** These say whether the token is on the disk: their failure must never be kept quiet. */
const TELLING = new Set(["pwrite64", "write", "fsync", "/^rename", "ftruncate"]);

/** The system calls of one save fail with EIO, one in each attempt, each in its turn. */
export const failingCalls: Trial = {
  id: "eio",
  title: "EIO from each system call of a save in turn",
  document: "docs/durability.md",
  needs: ["strace"],
  async run(bench) {
    const findings: Finding[] = [];
    for (const contestant of bench.contestants) {
      const line = "EIO from each call of a save in turn: token lost or torn, or nothing said";
      findings.push(await failEach(bench, contestant, line, () => {}));
    }
    const missing = bench.abilities.missing(["mounts"]);
    if (missing !== "") {
      bench.leaveOut(`EIO while a file is written in place, which needs ${missing}`);
      return findings;
    }
    for (const contestant of bench.contestants.filter(({ id }) => id === "ours" || id === "python")) {
      const line = "The same in place: no whole token in the file nor in a copy beside it, or nothing said";
      findings.push(await failEach(bench, contestant, line, bindFile));
    }
    findings.push(...(await keepsCopy(bench)));
    return findings;
  },
};

type Prepare = (lab: Lab, directory: string, file: string) => void;

function failEach(
  { lab, progress }: Bench,
  contestant: Contestant,
  line: string,
  prepare: Prepare,
): Promise<Finding> {
  return lab.within(async (outer) => {
    const tally = createTally();
    const calls = contestant.id === "python" ? PYTHON_CALLS : CALLS;
    let writer = await startTraceable(outer, contestant);
    for (const [index, call] of calls.entries()) {
      for (let nth = 1, met = true; met; nth += 1) {
        const failing = { call, inject: `error=EIO:when=${nth}` };
        const wrong = await outer.within((inner) => failOnce(inner, writer, contestant, failing, prepare));
        met = wrong !== NOT_MET;
        if (wrong !== NOT_MET) tally.add(wrong);
        if (writer.over()) writer = await startTraceable(outer, contestant);
      }
      progress(index + 1, calls.length);
    }
    await writer.kill();
    return tally.finding(line, contestant.id);
  });
}

const OLD = 1;
const NEW = 2;

/** There was no such call, so that none failed. */
const NOT_MET = Symbol("not met");

/** @returns what was wrong in the end */
async function failOnce(
  lab: Lab,
  writer: Child,
  contestant: Contestant,
  { call, inject }: { call: string; inject: string },
  prepare: Prepare,
): Promise<string | null | typeof NOT_MET> {
  const directory = lab.directory();
  await saveFirst(writer, directory, OLD);
  prepare(lab, directory, fileIn(directory, contestant));
  const { result: outcome, log } = await watchCalls(lab, writer, { calls: call, inject }, () =>
    saveOnce(writer, contestant, directory, { n: NEW, old: OLD }),
  );
  if (!log.some((entry) => entry.includes("(INJECTED)"))) return NOT_MET;
  const silent = TELLING.has(call) && outcome.told === null ? "EIO not told" : null;
  return harmWithoutCopy(outcome, directory, contestant) ?? silent;
}

/**
 * Its thread pool has one thread, because calls are counted by thread. Node itself may die of a failing call (`close`
 * within `readFileSync`), at some length.
 */
function startTraceable(lab: Lab, contestant: Contestant): Promise<Child> {
  return startServing(lab, contestant, { env: { UV_THREADPOOL_SIZE: "1" }, complaints: "dropped" });
}

/** A copy beside a damaged file keeps the token from being lost, if the caller was told. */
function harmWithoutCopy(outcome: Outcome, directory: string, contestant: Contestant): string | null {
  const copies = leftovers(directory, contestant).map((name) =>
    judge(fs.readFileSync(join(directory, name), "utf8")),
  );
  const kept = copies.some((copy) => copy.kind === "whole" && copy.n === outcome.n);
  return kept && outcome.told !== null ? null : harm(outcome);
}

/** Whether the copy is removed only after the last look at what was written in place. */
async function keepsCopy({ lab, contestants, scale }: Bench): Promise<Finding[]> {
  const [ours] = contestants;
  if (ours === undefined) return [];
  return lab.within(async (inner) => {
    const directory = inner.directory();
    const writer = await startTraceable(inner, ours);
    await saveFirst(writer, directory, OLD);
    bindFile(inner, directory, fileIn(directory, ours));
    const tally = createTally();
    for (let n = NEW; n < NEW + scale.savesInPlace; n += 1) {
      const calls = "fsync,pread64,unlink,unlinkat";
      const { log } = await watchCalls(inner, writer, { calls }, () => saveFirst(writer, directory, n));
      const removed = log.findIndex((entry) => /unlink/.test(entry) && entry.includes(".tmp"));
      const verified = log.filter((entry) => /fsync|pread64/.test(entry)).at(-1);
      const inOrder = verified !== undefined && removed > log.lastIndexOf(verified);
      tally.add(inOrder ? null : "removed too early");
    }
    await writer.kill();
    return [
      tally.finding("Written in place: copy removed before the new token was flushed and read back", ours.id),
    ];
  });
}
