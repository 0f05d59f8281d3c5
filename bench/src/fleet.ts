import type { TransportRequest } from "@x/platform-client";
import { systemClock } from "../../apps/heartbeat/src/clock.ts";
import { letHeapGrow } from "../../apps/heartbeat/src/commands/heap-growth.ts";
import { DEFAULT_TIMING } from "../../apps/heartbeat/src/config/timing.ts";
import { createFleet } from "../../apps/heartbeat/src/fleet/fleet.ts";
import { createFileStore } from "../../apps/heartbeat/src/storage/file-store.ts";
import { connect } from "../../apps/heartbeat/src/transport/connection.ts";
import { FLEET_OPTIONS, idOf, type Mix, nothingSent, workspacesAt } from "./heartbeat.ts";

/** Without an array that grows: its copies would be garbage that only a full collection frees. */
const lags = { numbers: new Float64Array(1_000_000), count: 0 };

function addLag(ms: number): void {
  lags.numbers[lags.count % lags.numbers.length] = ms;
  lags.count += 1;
}

function takeLags(): number[] {
  const taken = [...lags.numbers.subarray(0, lags.count)];
  lags.count = 0;
  return taken;
}

/** The runner's fleet as in `heartbeat run`, on the system clock, with the tokens in its list. */
export async function startFleet(options: {
  readonly url: string;
  readonly count: number;
  readonly intervalMs: number;
  readonly configsDir: string;
  /** Fetches messages, as often as heartbeats are sent. @default false */
  readonly hasInbox?: boolean;
}) {
  const { url, count, intervalMs, configsDir, hasInbox = false } = options;
  const seen = { heartbeat: 0, failed: 0, "job-failed": 0 };
  const sent = nothingSent();
  /** Workspaces that have not sent every kind of request yet. The one for delegations comes last. */
  const starting = new Set(Array.from({ length: count }, (_, index) => idOf(index)));
  letHeapGrow(count);
  const store = createFileStore({ configsDir, env: {}, layout: "list", onEvent() {} });
  const fleet = createFleet({
    store,
    timing: { ...DEFAULT_TIMING, intervalMs },
    ...FLEET_OPTIONS,
    clock: systemClock(),
    onEvent(_workspace, { type }) {
      if (type === "heartbeat" || type === "failed" || type === "job-failed") seen[type] += 1;
    },
    ...(hasInbox && { messages: { onMessage: () => null, everyMs: intervalMs } }),
    onSchedulingLag: addLag,
    connect(platformUrl, clock) {
      const connection = connect(platformUrl, clock);
      return {
        request(request) {
          const kind = kindOf(request);
          sent[kind] += 1;
          if (kind === "delegations" && starting.size > 0)
            starting.delete(request.url.split("/").at(-2) ?? "");
          return connection.request(request);
        },
        close: connection.close,
      };
    },
  });
  const stop = new AbortController();
  await fleet.apply(workspacesAt(url, count));
  const ended = fleet.run(stop.signal);
  return {
    fleet,
    /** Sent so far. */
    sent,
    /** Accepted so far. */
    heartbeats: () => seen.heartbeat,
    /** How many workspaces have not sent every kind of request yet. */
    starting: () => starting.size,
    /** Failures so far: anything but 0 invalidates the other figures. */
    failures: () => seen.failed + seen["job-failed"],
    /** Scheduling lags in milliseconds since the last call. */
    takeSchedulingLag: takeLags,
    async stop() {
      stop.abort();
      await ended;
      await store.close();
    },
  };
}

function kindOf({ method, url }: TransportRequest): keyof Mix {
  if (url.endsWith("/delegations")) return "delegations";
  return method === "POST" && url.endsWith("/registry/heartbeat") ? "heartbeats" : "others";
}
