import fs from "node:fs";
import os from "node:os";
import { join } from "node:path";
import type { Candidate, Experiment } from "../experiment.ts";
import { createImage } from "../fixtures/ext4.ts";
import { run } from "../fixtures/fixtures.ts";
import { watchCalls } from "../fixtures/strace.ts";
import { createTally, type Finding } from "../report/finding.ts";
import { harm, saveFirst, saveOnce } from "./outcome.ts";
import { startServing } from "./serving.ts";

const REAL = "Quota exhausted, token of 16 KiB: lost or torn, or not reported";
const INJECTED =
  "EDQUOT from the write itself (made to fail), token of 16 KiB: lost or torn, or not reported";

/** Token numbers: of 43 and of 16,384 characters. */
const SHORT = 3;
const LONG = 5;

/**
 * The quota of a Btrfs subvolume is real and needs no quota tools. But it already rejects the new file, so for the
 * subsequent write the same error is injected.
 */
export const quota: Experiment = {
  id: "quota",
  title: "an exhausted quota",
  document: "docs/durability.md",
  needs: [],
  async run({ abilities, each, leaveOut }) {
    const findings: Finding[] = [];
    const btrfs = abilities.missing(["btrfs"]);
    if (btrfs === "") findings.push(...(await each(withinQuota)));
    else leaveOut(`a real quota, which needs ${btrfs}`);
    const strace = abilities.missing(["strace"]);
    // Only a positioned write differs from those with which Node wakes itself, and only @x/auth-node uses one.
    if (strace === "") findings.push(...(await each(injectQuota, ["ours"])));
    else leaveOut(`a write that fails with EDQUOT, which needs ${strace}`);
    return findings;
  },
};

async function withinQuota({ implementation, fixtures }: Candidate): Promise<Finding> {
  const image = createImage(fixtures, 128 * 1_024 * 1_024);
  run("mkfs.btrfs", ["-q", "-f", image]);
  const disk = fixtures.mount(image, ["-o", "loop"]);
  const volume = join(disk, "volume");
  run("btrfs", ["quota", "enable", disk]);
  run("btrfs", ["subvolume", "create", volume]);
  run("btrfs", ["qgroup", "limit", "512K", volume]);
  const tally = createTally();
  const writer = await startServing(fixtures, implementation);
  const directory = join(volume, "configs");
  await saveFirst(writer, directory, SHORT);
  exhaust(volume);
  tally.add(harm(await saveOnce(writer, implementation, directory, { n: LONG, old: SHORT })));
  await writer.kill();
  return tally.finding(REAL, implementation.id);
}

/** Writes files until the quota is exhausted. */
function exhaust(volume: string): void {
  for (let n = 0; n < 1_000; n += 1) {
    try {
      fs.writeFileSync(join(volume, `filler-${n}`), Buffer.alloc(4_096), { flush: true });
    } catch (error) {
      // Node has no error name for it.
      if (error instanceof Error && "errno" in error && error.errno === -os.constants.errno.EDQUOT) return;
      throw error;
    }
  }
  throw new Error("The quota is not enforced.");
}

async function injectQuota({ implementation, fixtures }: Candidate): Promise<Finding> {
  const tally = createTally();
  const writer = await startServing(fixtures, implementation);
  const directory = fixtures.directory();
  await saveFirst(writer, directory, SHORT);
  const { result } = await watchCalls(fixtures, writer, { calls: "pwrite64", inject: "error=EDQUOT" }, () =>
    saveOnce(writer, implementation, directory, { n: LONG, old: SHORT }),
  );
  tally.add(harm(result));
  await writer.kill();
  return tally.finding(INJECTED, implementation.id);
}
