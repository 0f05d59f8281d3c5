import type { Experiment, ExperimentContext } from "../../experiment.ts";
import type { Fixtures } from "../../fixtures/fixtures.ts";
import { createTally, type Finding } from "../../report/finding.ts";
import { crowd } from "./crowd.ts";
import { checkListening } from "./listening.ts";
import { sendMalformed } from "./malformed.ts";
import { sendOversized } from "./oversized.ts";
import { beSlow } from "./slow.ts";
import { peakMemory, startTarget } from "./target.ts";

/** The memory limit under any load. The emulator needs 100 MB, and keeps 64 MB of requests. */
const MAX_MEMORY_BYTES = 600 * 1_024 * 1_024;

export const emulator: Experiment = {
  id: "emulator",
  title: "the emulator under attack",
  document: "SECURITY.md",
  needs: ["proc"],
  run: (context) => context.fixtures.within((fixtures) => attack(context, fixtures)),
};

async function attack({ scale, seed, progress }: ExperimentContext, fixtures: Fixtures): Promise<Finding[]> {
  const target = await startTarget(fixtures);
  const { port, pid } = target;
  const malformed = createTally();
  const oversized = createTally();
  const slow = createTally();
  const crowded = createTally();
  const health = createTally();
  const listening = createTally();
  const memory = createTally();

  const attacks: readonly [string, () => Promise<void>][] = [
    ["listening", () => checkListening(target, listening)],
    ["malformed requests", () => sendMalformed(port, scale.malformed, seed, malformed)],
    ["a crowd", () => crowd(port, scale.connections, crowded)],
    [
      "slow and oversized requests",
      async () => {
        await Promise.all([beSlow(port, scale.slowConnections, slow), sendOversized(port, oversized)]);
      },
    ],
    ["a crowd, again", () => crowd(port, scale.connections, crowded)],
  ];
  for (const [index, [what, run]] of attacks.entries()) {
    await run();
    const ailment = await target.ailment();
    health.add(ailment === null ? null : `after ${what}: ${ailment}`);
    if (ailment === "ended") break;
    progress(index + 1, attacks.length);
  }
  const peak = peakMemory(pid);
  memory.add(peak <= MAX_MEMORY_BYTES ? null : `${Math.round(peak / 2 ** 20)} MB`);
  return [
    malformed.finding(
      "Emulator, malformed and pipelined requests: neither answered by the contract nor closed",
      "ours",
    ),
    oversized.finding("Emulator, endless requests: neither answered by the contract nor closed", "ours"),
    slow.finding("Emulator, slow or silent connections: still open after 12 s", "ours"),
    crowded.finding("Emulator, parallel connections: not answered", "ours"),
    health.finding("Emulator, after each attack: dead, not serving, or logging errors", "ours"),
    listening.finding("Emulator, addresses other than loopback: listening there, or answering", "ours"),
    memory.finding("Emulator, all attacks: more than 600 MB of memory", "ours"),
  ];
}
