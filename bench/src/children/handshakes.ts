import { serveTasks } from "../children.ts";
import { startFleet } from "../fleet.ts";
import { sleep } from "../throughput.ts";

/** Runs a fleet against a platform with TLS until each workspace has sent this many heartbeats. */
export interface HandshakesTask {
  readonly url: string;
  readonly workspaces: number;
  readonly intervalMs: number;
  readonly heartbeatsEach: number;
  readonly configsDir: string;
}

/** @returns the number of accepted heartbeats */
serveTasks(async ({ workspaces, heartbeatsEach, ...task }: HandshakesTask): Promise<number> => {
  const fleet = await startFleet({ ...task, count: workspaces });
  while (fleet.heartbeats() < workspaces * heartbeatsEach) await sleep(20);
  if (fleet.failures() > 0) throw new Error(`${fleet.failures()} requests failed.`);
  await fleet.stop();
  return fleet.heartbeats();
});
