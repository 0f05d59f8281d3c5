import { chmodSync, lstatSync, mkdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Counters } from "./counters.ts";
import type { Platform } from "./platform.ts";
import { between, type Random, untilNext } from "./random.ts";
import type { SimulatedAgent } from "./simulated-agent.ts";
import type { VirtualTime } from "./virtual-time.ts";

export interface ProvisionerOptions {
  readonly platform: Platform;
  readonly time: VirtualTime;
  readonly random: Random;
  readonly counters: Counters;
  readonly rotationMs: number;
  /** Average time between two pushed tokens, and between two revocations, for each workspace. */
  readonly pushMeanMs: number;
  readonly revocationMeanMs: number;
}

/** Rotates tokens as the platform does: revokes all, issues one, and rewrites its file a moment later. */
export function createProvisioner(options: ProvisionerOptions) {
  const { platform, time, random, counters, rotationMs, pushMeanMs, revocationMeanMs } = options;
  let retired = false;

  /** Acts at random intervals. */
  function repeat(nextMs: () => number, act: () => void, firstMs = nextMs()): void {
    time.after(firstMs, () => {
      if (retired) return;
      act();
      repeat(nextMs, act);
    });
  }

  function rotate(agent: SimulatedAgent): void {
    counters.rotations += 1;
    platform.revokeAll(agent);
    time.after(between(random, 10, 500), () => {
      const token = platform.issue(agent);
      const delayMs = between(random, 100, 30_000);
      time.after(delayMs, () => write(agent, token));
      // Before the container starts, and afterwards.
      if (random() < 0.2) time.after(delayMs + between(random, 1_000, 60_000), () => write(agent, token));
    });
  }

  function write(agent: SimulatedAgent, token: string): void {
    const { live, tokenFile } = agent;
    // It has been revoked meanwhile. Writing it could destroy the only copy of its successor.
    if (!live.has(token)) return;
    const found = lstatSync(tokenFile, { throwIfNoEntry: false });
    // What an agent has put there.
    if (found?.isFile() === false) rmSync(tokenFile);
    const before = found?.isFile() ? found : null;
    if (found === undefined) mkdirSync(dirname(tokenFile), { recursive: true, mode: 0o700 });
    writeFileSync(tokenFile, token);
    if (random() < 0.3) chmodSync(tokenFile, 0o644);
    if (before !== null && random() < 0.2) utimesSync(tokenFile, before.atime, before.mtime);
    platform.handOver(agent, token, true);
  }

  return {
    /** Starts to act on a workspace as the platform does, at random moments. */
    lookAfter(agent: SimulatedAgent) {
      repeat(
        () => rotationMs,
        () => rotate(agent),
        rotationMs * random(),
      );
      repeat(
        () => untilNext(random, pushMeanMs),
        () => {
          if (agent.live.size > 0) agent.pushed = platform.issue(agent);
        },
      );
      repeat(
        () => untilNext(random, revocationMeanMs),
        () => {
          counters.revocations += 1;
          platform.revokeAll(agent);
        },
      );
    },
    /** Starts nothing new; operations in flight finish. */
    retire() {
      retired = true;
    },
  };
}
