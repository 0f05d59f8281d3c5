import fs from "node:fs";
import os from "node:os";
import type { FuzzerMessage } from "../../child/fuzzer.ts";
import type { Experiment, ExperimentContext } from "../../experiment.ts";
import { start } from "../../fixtures/child.ts";
import type { Fixtures } from "../../fixtures/fixtures.ts";
import { built } from "../../folder.ts";
import { createTally, type Finding } from "../../report/finding.ts";
import { FUZZ_TARGETS } from "../fuzz-targets/fuzz-targets.ts";
import { createTargetTally, type SharedTallies, type TargetTally } from "./target-tally.ts";

/** The sum of all fuzz targets' shares. */
const TOTAL_SHARES = 1_000_000;
/** An input takes milliseconds; a chunk that takes longer than this hangs. */
const TIMEOUT_MS = 60_000;
/** With fewer inputs, starting a process per fuzz target takes longer than the inputs themselves. */
const SINGLE_PROCESS_INPUTS = 100_000;
export const fuzz: Experiment = {
  id: "fuzz",
  title: "a million hostile inputs to all fuzz targets",
  document: "SECURITY.md",
  needs: [],
  run: (context) => context.fixtures.within((fixtures) => fuzzTargets(context, fixtures)),
};

async function fuzzTargets(
  { scale, seed, progress }: ExperimentContext,
  fixtures: Fixtures,
): Promise<Finding[]> {
  let inputs = 0;
  const shared: SharedTallies = {
    wire: createTally(),
    memory: createTally(),
    done(more) {
      inputs += more;
      progress(inputs, scale.inputs);
    },
  };
  const tallies = FUZZ_TARGETS.map((target) => {
    const count = Math.max(1, Math.round((target.share * scale.inputs) / TOTAL_SHARES));
    return createTargetTally(target, count, seed, shared);
  });
  const left = (scale.inputs < SINGLE_PROCESS_INPUTS ? [tallies] : tallies.map((tally) => [tally])).values();
  const lane = async () => {
    for (const some of left) await fuzzSome(fixtures, some, seed);
  };
  await Promise.all(Array.from({ length: Math.min(4, os.availableParallelism()) }, lane));
  return [
    ...tallies.map((tally) => tally.finding()),
    shared.wire.finding("Accepted inputs sent over a real socket: an unexpected request head", "ours"),
    shared.memory.finding("Fuzz targets whose memory grew by more than 32 MB", "ours"),
  ];
}

/** Runs fuzz targets in one process; if it ends early, the remaining ones run in another. */
async function fuzzSome(fixtures: Fixtures, tallies: readonly TargetTally[], seed: number): Promise<void> {
  for (let left = tallies; left.length > 0; ) {
    await fuzzInProcess(fixtures, left, seed);
    // Skips at least one: an unfinished target ended the process, and would do so again.
    left = left.slice(1).filter((tally) => !tally.hasBegun());
  }
}

async function fuzzInProcess(
  fixtures: Fixtures,
  tallies: readonly TargetTally[],
  seed: number,
): Promise<void> {
  const directory = fixtures.directory(fs.existsSync("/dev/shm") ? "/dev/shm" : undefined);
  const wanted = tallies.map(({ target, count }) => `${target.id}=${count}`);
  let lastMessageAt = performance.now();
  let current: TargetTally | undefined;
  const child = start(fixtures, [process.execPath, built("fuzzer"), String(seed), directory, ...wanted], {
    onLine(line) {
      lastMessageAt = performance.now();
      const message: FuzzerMessage = JSON.parse(line);
      if ("target" in message) current = tallies.find(({ target }) => target.id === message.target);
      else current?.receive(message);
    },
  });
  const watchdog = setInterval(() => {
    if (performance.now() - lastMessageAt > TIMEOUT_MS) void child.kill();
  }, 1_000);
  await child.ended;
  clearInterval(watchdog);
}
