import { onTestFinished } from "vitest";
import type { Clock } from "../src/clock.ts";
import type { ClusterStatus } from "../src/cluster/cluster-events.ts";
import { DEFAULT_TIMING } from "../src/config/timing.ts";
import type { WorkspaceStatus } from "../src/fleet/fleet-types.ts";
import type { PaceStatus } from "../src/fleet/pacer.ts";
import { openStatus, type Status } from "../src/observability/status.ts";
import { initialState, type WorkspaceState } from "../src/workspace/state-machine.ts";
import { virtualClock } from "./virtual-clock.ts";

type Changed = Partial<Omit<WorkspaceStatus, "state">> & { readonly state?: Partial<WorkspaceState> };

/** The status of a healthy workspace, with changes. */
export function workspaceStatus(id: string, { state, ...changed }: Changed = {}): WorkspaceStatus {
  return {
    id,
    platformUrl: "https://platform.example",
    dueInMs: 12_000,
    lastHeartbeatAt: 0,
    latencyMs: 34.2,
    errorRate: 0,
    failure: null,
    lastFailure: null,
    unsaved: false,
    platformStatus: "online",
    ...changed,
    state: { ...initialState("register"), phase: "alive", registered: true, ...state },
  };
}

/** With ids such as `agent-0`. */
export const agents = (count: number, changed?: Changed): WorkspaceStatus[] =>
  Array.from({ length: count }, (_, index) => workspaceStatus(`agent-${index}`, changed));

/** A runner that shares its workspaces with others. */
export const sharingRunner = (runner = "r1") => ({
  runner,
  status: (): ClusterStatus => ({
    runner,
    membership: "member",
    leaseMs: 10_000,
    isStoreUp: true,
    hasListMismatch: false,
    shards: { held: 256, unsure: 0, draining: 0 },
    unowned: 0,
    runners: 1,
  }),
});

/** A platform whose rate limit is too low. */
export const lowLimit: PaceStatus = {
  platformOrigin: "https://platform.example",
  workspaces: 3,
  intervalMs: 30_000,
  limit: 600,
  wanted: 700,
  heartbeatMs: 31_000,
  jobFactor: 2,
  inboxFactor: 1,
};

interface StatusOptions {
  readonly host?: string;
  readonly port?: number;
  readonly clock?: Clock;
  readonly redact?: (text: string) => string;
}

/** A status server for these workspaces, on loopback and a free port by default, closed after the test. */
export async function openTestStatus(
  workspaces: readonly WorkspaceStatus[],
  { host = "127.0.0.1", port = 0, clock = virtualClock(), redact = (text) => text }: StatusOptions = {},
): Promise<Status> {
  const options = { workspaces: () => workspaces, clock, timing: DEFAULT_TIMING, redact };
  const status = await openStatus({ host, port }, options);
  onTestFinished(status.close);
  return status;
}
