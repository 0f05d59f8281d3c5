import type { TransportRequest, TransportResponse } from "@x/platform-client";
import { virtualTime } from "../../apps/heartbeat/soak/virtual-time.ts";
import { DEFAULT_TIMING } from "../../apps/heartbeat/src/config/timing.ts";
import { createFleet } from "../../apps/heartbeat/src/fleet/fleet.ts";
import { emptyStore } from "./empty-store.ts";
import { FLEET_OPTIONS, workspacesAt } from "./heartbeat.ts";

const PLATFORM_URL = "https://platform.example";

interface SimulatedOptions {
  readonly workspaces: number;
  /** Fetches messages as often as heartbeats are sent. */
  readonly hasInbox?: boolean;
  /** All workspaces belong to one tenant, whose requests the platform counts together. */
  readonly orgId?: string;
  readonly clock?: ReturnType<typeof virtualTime>;
  readonly request: (asked: TransportRequest) => Promise<TransportResponse>;
}

/** The contract's answers, without any logic. */
export function textOf(method: string, url: string): string {
  if (method === "POST") return '{"status":"ok"}';
  if (url.endsWith("/delegations") || url.includes("/activity?")) return "[]";
  if (url.endsWith("/state")) return '{"status":"online","paused":false,"deleted":false}';
  return `{"id":"${url.slice(url.lastIndexOf("/") + 1)}","url":"","status":"online"}`;
}

/** A fleet in simulated time, over a network and a disk without latency: only the runner's own work remains. */
export async function startSimulated(options: SimulatedOptions) {
  const { workspaces, hasInbox = false, orgId, request, clock = virtualTime() } = options;
  const { intervalMs } = DEFAULT_TIMING;
  let accepted = 0;
  let failed = 0;
  const fleet = createFleet({
    store: emptyStore(),
    timing: DEFAULT_TIMING,
    ...FLEET_OPTIONS,
    env: orgId === undefined ? {} : { MOLECULE_ORG_ID: orgId },
    clock,
    onEvent(_workspace, { type }) {
      if (type === "heartbeat") accepted += 1;
      else if (type === "failed" || type === "job-failed") failed += 1;
    },
    ...(hasInbox && { messages: { onMessage: () => null, everyMs: intervalMs } }),
    connect: () => ({ request, close: async () => {} }),
  });
  await fleet.apply(workspacesAt(PLATFORM_URL, workspaces));
  const stop = new AbortController();
  const ended = fleet.run(stop.signal);
  return {
    fleet,
    clock,
    /** Accepted so far. */
    heartbeats: () => accepted,
    /** Failures so far: anything but 0 invalidates the other figures. */
    failures: () => failed,
    async stop() {
      stop.abort();
      await clock.pass(intervalMs);
      await ended;
    },
  };
}
