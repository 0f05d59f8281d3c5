import fs from "node:fs";
import { join } from "node:path";
import type { Candidate, Experiment, ExperimentContext } from "../experiment.ts";
import type { Child } from "../fixtures/child.ts";
import type { Fixtures } from "../fixtures/fixtures.ts";
import { watchCalls } from "../fixtures/strace.ts";
import { fileIn, type Implementation, leftovers } from "../implementations.ts";
import { createTally, type Finding } from "../report/finding.ts";
import { classify } from "../tokens.ts";
import { bindFile } from "./locations.ts";
import { harm, type Outcome, saveFirst, saveOnce } from "./outcome.ts";
import { startServing } from "./serving.ts";

/**
 * The system calls of a save. `write` is excluded for Node, which also uses it to wake itself; @x/auth-node writes with
 * `pwrite64`.
 */
const CALLS = ["/^open", "fchmod", "pwrite64", "fsync", "/^rename", "ftruncate", "pread64", "close"];
const PYTHON_CALLS = ["/^open", "write", "close"];

/** These report whether the token reached the disk: their failure must never be suppressed. */
const MUST_BE_REPORTED = new Set(["pwrite64", "write", "fsync", "/^rename", "ftruncate"]);

/** Makes the system calls of a save fail with EIO, one per attempt. */
export const failingCalls: Experiment = {
  id: "eio",
  title: "EIO from each system call of a save in turn",
  document: "docs/durability.md",
  needs: ["strace"],
  async run(context) {
    const line = "EIO from each call of a save in turn: token lost or torn, or not reported";
    const findings = await context.each((candidate) => failEach(context, candidate, line, () => {}));
    const missing = context.abilities.missing(["mounts"]);
    if (missing !== "") {
      context.leaveOut(`EIO while a file is written in place, which needs ${missing}`);
      return findings;
    }
    const inPlace = "The same in place: no whole token in the file nor in a copy beside it, or not reported";
    return [
      ...findings,
      ...(await context.each(
        (candidate) => failEach(context, candidate, inPlace, bindFile),
        ["ours", "python"],
      )),
      ...(await context.each((candidate) => keepsCopy(context, candidate), ["ours"])),
    ];
  },
};

type Prepare = (fixtures: Fixtures, directory: string, file: string) => void;

async function failEach(
  { progress }: ExperimentContext,
  { fixtures, implementation }: Candidate,
  line: string,
  prepare: Prepare,
): Promise<Finding> {
  const tally = createTally();
  const calls = implementation.id === "python" ? PYTHON_CALLS : CALLS;
  let writer = await startTraceable(fixtures, implementation);
  for (const [index, call] of calls.entries()) {
    for (let nth = 1, met = true; met; nth += 1) {
      const failing = { call, inject: `error=EIO:when=${nth}` };
      const wrong = await fixtures.within((inner) =>
        failOnce(inner, writer, implementation, failing, prepare),
      );
      met = wrong !== NOT_CALLED;
      if (wrong !== NOT_CALLED) tally.add(wrong);
      if (writer.over()) writer = await startTraceable(fixtures, implementation);
    }
    progress(index + 1, calls.length);
  }
  await writer.kill();
  return tally.finding(line, implementation.id);
}

const OLD = 1;
const NEW = 2;

/** The call did not occur, so none failed. */
const NOT_CALLED = Symbol("not called");

/** @returns the failure, if any */
async function failOnce(
  fixtures: Fixtures,
  writer: Child,
  implementation: Implementation,
  { call, inject }: { call: string; inject: string },
  prepare: Prepare,
): Promise<string | null | typeof NOT_CALLED> {
  const directory = fixtures.directory();
  await saveFirst(writer, directory, OLD);
  prepare(fixtures, directory, fileIn(directory, implementation));
  const { result: outcome, log } = await watchCalls(fixtures, writer, { calls: call, inject }, () =>
    saveOnce(writer, implementation, directory, { n: NEW, old: OLD }),
  );
  if (!log.some((entry) => entry.includes("(INJECTED)"))) return NOT_CALLED;
  const silent = MUST_BE_REPORTED.has(call) && outcome.errorCode === null ? "EIO not reported" : null;
  return harmWithoutCopy(outcome, directory, implementation) ?? silent;
}

/**
 * Limits the thread pool to one thread, because calls are counted by thread. Node itself may abort on a failed call
 * (`close` within `readFileSync`), with a long dump.
 */
function startTraceable(fixtures: Fixtures, implementation: Implementation): Promise<Child> {
  return startServing(fixtures, implementation, { env: { UV_THREADPOOL_SIZE: "1" }, stderr: "dropped" });
}

/** A copy next to a damaged file preserves the token, provided that the caller got an error. */
function harmWithoutCopy(outcome: Outcome, directory: string, implementation: Implementation): string | null {
  const copies = leftovers(directory, implementation).map((name) =>
    classify(fs.readFileSync(join(directory, name), "utf8")),
  );
  const kept = copies.some((copy) => copy.kind === "whole" && copy.n === outcome.n);
  return kept && outcome.errorCode !== null ? null : harm(outcome);
}

/** Whether the copy is removed only after the in-place write was verified. */
async function keepsCopy(
  { scale }: ExperimentContext,
  { fixtures, implementation: ours }: Candidate,
): Promise<Finding> {
  const directory = fixtures.directory();
  const writer = await startTraceable(fixtures, ours);
  await saveFirst(writer, directory, OLD);
  bindFile(fixtures, directory, fileIn(directory, ours));
  const tally = createTally();
  for (let n = NEW; n < NEW + scale.savesInPlace; n += 1) {
    const calls = "fsync,pread64,unlink,unlinkat";
    const { log } = await watchCalls(fixtures, writer, { calls }, () => saveFirst(writer, directory, n));
    const removed = log.findIndex((entry) => /unlink/.test(entry) && entry.includes(".tmp"));
    const verified = log.filter((entry) => /fsync|pread64/.test(entry)).at(-1);
    const inOrder = verified !== undefined && removed > log.lastIndexOf(verified);
    tally.add(inOrder ? null : "removed too early");
  }
  await writer.kill();
  return tally.finding(
    "Written in place: copy removed before the new token was flushed and read back",
    ours.id,
  );
}
