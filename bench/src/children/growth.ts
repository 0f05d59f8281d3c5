import { virtualTime } from "../../../apps/heartbeat/soak/virtual-time.ts";
import { DEFAULT_TIMING } from "../../../apps/heartbeat/src/config/timing.ts";
import { createFleet } from "../../../apps/heartbeat/src/fleet/fleet.ts";
import type { PlatformClient } from "../../../apps/heartbeat/src/transport/client.ts";
import type { Reply } from "../../../apps/heartbeat/src/transport/reply.ts";
import { serveTasks } from "../children.ts";
import { idOf, tokenOf } from "../heartbeat.ts";

/** A fleet in simulated time, on a network that takes none: what is left is the runner's own work. */
export interface GrowthTask {
  readonly workspaces: number;
  /** At least so many heartbeats are counted, and at least three of each workspace: full collections of a large heap are rare. */
  readonly heartbeats: number;
  readonly configsDir: string;
}

export interface GrowthAnswer {
  readonly cpuMicrosecondsPerHeartbeat: number;
  readonly heapBytesPerWorkspace: number;
}

const { intervalMs } = DEFAULT_TIMING;
const PLATFORM_URL = "https://platform.example";

const reply: Reply = { status: 200, body: { status: "online" }, empty: false, retryAfterMs: 0 };
const client: PlatformClient = {
  baseUrl: PLATFORM_URL,
  close: async () => {},
  send: async () => reply,
};

function heap(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

serveTasks(async ({ workspaces, heartbeats, configsDir }: GrowthTask): Promise<GrowthAnswer> => {
  const before = heap();
  const clock = virtualTime();
  let accepted = 0;
  const fleet = createFleet({
    config: { configsDir, isFleet: true, timing: DEFAULT_TIMING, cardOf: (name) => ({ name }) },
    env: {},
    clock,
    random: Math.random,
    onAuthEvent() {},
    onEvent(_workspace, { type }) {
      if (type === "heartbeat") accepted += 1;
    },
    connect: () => client,
  });
  const list = Array.from({ length: workspaces }, (_, index) => ({
    id: idOf(index),
    token: tokenOf(index),
    platformUrl: PLATFORM_URL,
    ownPlatform: false,
  }));
  await fleet.apply(list);
  const stop = new AbortController();
  const ended = fleet.run(stop.signal);
  // All have registered and sent a heartbeat, and the compiler has seen enough.
  await clock.pass(intervalMs * Math.max(3, 5_000 / workspaces));

  accepted = 0;
  const cpu = process.cpuUsage();
  await clock.pass(intervalMs * Math.max(3, heartbeats / workspaces));
  const { user, system } = process.cpuUsage(cpu);
  const answer = {
    cpuMicrosecondsPerHeartbeat: (user + system) / accepted,
    heapBytesPerWorkspace: (heap() - before) / workspaces,
  };
  stop.abort();
  await clock.pass(intervalMs);
  await ended;
  return answer;
});
