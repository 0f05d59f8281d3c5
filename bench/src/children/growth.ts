import { virtualTime } from "../../../apps/heartbeat/soak/virtual-time.ts";
import { DEFAULT_TIMING } from "../../../apps/heartbeat/src/config/timing.ts";
import { createFleet } from "../../../apps/heartbeat/src/fleet/fleet.ts";
import type { WorkspaceStore } from "../../../apps/heartbeat/src/storage/workspace-store.ts";
import type { Connection } from "../../../apps/heartbeat/src/transport/connection.ts";
import { serveTasks } from "../children.ts";
import { idOf, tokenOf, USER_AGENT } from "../heartbeat.ts";

/** A fleet in simulated time, with a network and a disk that take none: what is left is the runner's own work. */
export interface GrowthTask {
  readonly workspaces: number;
  /** At least so many heartbeats are counted, and at least three of each workspace: full collections of a large heap are rare. */
  readonly heartbeats: number;
}

export interface GrowthAnswer {
  readonly cpuMicrosecondsPerHeartbeat: number;
  readonly heapBytesPerWorkspace: number;
}

const { intervalMs } = DEFAULT_TIMING;
const PLATFORM_URL = "https://platform.example";

const connection: Connection = {
  close: async () => {},
  request: async ({ url, method }) => ({
    status: 200,
    headers: { get: () => null },
    text: answerTo(method, url),
  }),
};

const nothing = { location: "nowhere", read: () => null, write() {}, probe() {} };
const noResults = {
  location: "nowhere",
  load: async () => ({ delivered: [], unannounced: [], damagedLines: 0 }),
  append: async () => {},
  markAnnounced: async () => {},
};
/** Tokens come from the list, and nothing is ever stored. */
const store: WorkspaceStore = {
  token: () => nothing,
  inboundSecret: () => nothing,
  spill: () => nothing,
  results: () => noResults,
  spilled: async () => new Set(),
  isStuck: () => false,
  close: async () => ({ hung: false }),
};

function answerTo(method: string, url: string): string {
  if (method === "POST") return '{"status":"ok"}';
  if (url.endsWith("/delegations")) return "[]";
  return `{"id":"${url.slice(url.lastIndexOf("/") + 1)}","url":"","status":"online"}`;
}

function heap(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

serveTasks(async ({ workspaces, heartbeats }: GrowthTask): Promise<GrowthAnswer> => {
  const before = heap();
  const clock = virtualTime();
  let accepted = 0;
  const fleet = createFleet({
    store,
    timing: DEFAULT_TIMING,
    cardOf: (name) => ({ name }),
    env: {},
    userAgent: USER_AGENT,
    clock,
    random: Math.random,
    onAuthEvent() {},
    onEvent(_workspace, { type }) {
      if (type === "heartbeat") accepted += 1;
    },
    connect: () => connection,
  });
  const list = Array.from({ length: workspaces }, (_, index) => ({
    id: idOf(index),
    token: tokenOf(index),
    platformUrl: PLATFORM_URL,
    ownPlatform: false,
    isListed: true,
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
