import { setTimeout as delay } from "node:timers/promises";
import type { Runner } from "./runner.ts";
import type { Scene } from "./scene.ts";

/** A temporary fault in a fleet. */
export interface Fault {
  readonly name: string;
  run(scene: Scene): Promise<void>;
}

export const FAULTS: readonly Fault[] = [
  {
    name: "a runner is killed",
    async run(scene) {
      const runner = scene.pick();
      await takenOver(scene, runner, () => runner.end("SIGKILL"));
      runner.start();
    },
  },
  {
    name: "a runner is paused for 35 s",
    async run(scene) {
      const runner = scene.pick();
      const since = performance.now();
      await takenOver(scene, runner, async () => runner.signal("SIGSTOP"));
      await delay(Math.max(0, 35_000 - (performance.now() - since)));
      runner.signal("SIGCONT");
    },
  },
  {
    name: "a runner's network to the database is silent",
    async run(scene) {
      const runner = scene.pick();
      runner.proxy.silence();
      await delay(20_000 + 10_000 * scene.random());
      runner.proxy.restore();
    },
  },
  {
    name: "the database is killed, four times",
    async run({ database, random }) {
      for (let kill = 0; kill < 4; kill += 1) {
        await database.postgres.kill();
        await delay(500 + 4_000 * random());
        await database.postgres.restart();
        await delay(500 + 3_000 * random());
      }
    },
  },
  {
    name: "a runner is added, and one is stopped",
    async run(scene) {
      const before = scene.registrations();
      const claimed = await scene.claimed();
      const leaving = scene.pick();
      const added = await scene.addRunner();
      added.start();
      await scene.balanced();
      const least = (await scene.shardsOf(added)).size;
      const given = (await scene.shardsOf(leaving)).size;
      const code = await leaving.end("SIGTERM");
      if (code !== 0) throw new Error(`${leaving.name} exited with ${code}`);
      await scene.balanced();
      scene.counts.registrationsInGracefulMoves += scene.registrations() - before;
      scene.counts.moves += (await scene.claimed()) - claimed;
      scene.counts.leastMoves += least + given;
    },
  },
];

/** The database is down once for this long. */
export const outage = (seconds: number): Fault => ({
  name: `the database is down for ${seconds} s`,
  async run({ database }) {
    await database.postgres.kill();
    await delay(seconds * 1_000);
    await database.postgres.restart();
  },
});

/** Waits until another runner has sent a request for each of its workspaces, and records how long that took. */
async function takenOver(scene: Scene, runner: Runner, end: () => Promise<unknown>): Promise<void> {
  const { watch, takeOverMs } = scene;
  const waiting = new Set(await scene.workspacesOf(runner));
  await end();
  const since = Date.now();
  // Its last requests may still arrive.
  await delay(500);
  const sentBefore = Date.now();
  while (waiting.size > 0 && Date.now() < since + 60_000) {
    await delay(50);
    for (const id of waiting) {
      const at = watch.acceptedAt.get(id) ?? 0;
      if (at > sentBefore && waiting.delete(id)) takeOverMs.push(at - since);
    }
  }
  for (const _ of waiting) takeOverMs.push(Date.now() - since);
}
