import { systemClock } from "../../apps/heartbeat/src/clock.ts";
import { DEFAULT_TIMING } from "../../apps/heartbeat/src/config/timing.ts";
import { createFleet, type Fleet } from "../../apps/heartbeat/src/fleet/fleet.ts";
import { createPlatformClient } from "../../apps/heartbeat/src/transport/client.ts";
import { createPooledTransport } from "../../apps/heartbeat/src/transport/pool.ts";
import { idOf, tokenOf } from "./heartbeat.ts";

export interface RunningFleet {
  readonly fleet: Fleet;
  /** Sent so far. */
  requests(): number;
  /** Accepted so far. */
  heartbeats(): number;
  registrations(): number;
  /** What failed so far: anything but 0 makes the other figures worthless. */
  failures(): number;
  /** How late steps began, in milliseconds, since it was last asked. */
  takeSchedulingLag(): number[];
  stop(): Promise<void>;
}

/** The runner's fleet as `heartbeat run` has it, on the machine's clock, with the tokens in its list. */
export async function startFleet(options: {
  readonly url: string;
  readonly count: number;
  readonly intervalMs: number;
  readonly configsDir: string;
}): Promise<RunningFleet> {
  const { url, count, intervalMs, configsDir } = options;
  const seen = { request: 0, heartbeat: 0, registered: 0, failed: 0 };
  let schedulingLag: number[] = [];
  const fleet = createFleet({
    config: {
      configsDir,
      isFleet: true,
      timing: { ...DEFAULT_TIMING, intervalMs },
      cardOf: (name) => ({ name }),
    },
    env: {},
    clock: systemClock(),
    random: Math.random,
    onAuthEvent() {},
    onEvent(_workspace, { type }) {
      if (type === "heartbeat" || type === "registered" || type === "failed") seen[type] += 1;
    },
    onSchedulingLag: (ms) => schedulingLag.push(ms),
    connect(platformUrl, clock) {
      const client = createPlatformClient(platformUrl, clock, createPooledTransport(platformUrl));
      return {
        ...client,
        send(request) {
          seen.request += 1;
          return client.send(request);
        },
      };
    },
  });
  const stop = new AbortController();
  await fleet.apply(
    Array.from({ length: count }, (_, index) => ({
      id: idOf(index),
      token: tokenOf(index),
      platformUrl: url,
      ownPlatform: false,
    })),
  );
  const ended = fleet.run(stop.signal);
  return {
    fleet,
    requests: () => seen.request,
    heartbeats: () => seen.heartbeat,
    registrations: () => seen.registered,
    failures: () => seen.failed,
    takeSchedulingLag() {
      const taken = schedulingLag;
      schedulingLag = [];
      return taken;
    },
    stop() {
      stop.abort();
      return ended;
    },
  };
}
