import type { Contract } from "./contract.ts";
import {
  aliveUntilAfterBeat,
  type DeliveryMode,
  type Liveness,
  type Status,
  statusAfterBeat,
} from "./liveness.ts";

/** What a beat carries, with the zero value for everything that it left out. */
export interface Beat {
  readonly errorRate: number;
  readonly sampleError: string;
  readonly activeTasks: number;
  readonly uptimeSeconds: number;
  readonly currentTask: string;
  readonly monthlySpend: number;
  readonly runtimeState: string;
  readonly runtimeMetadata: unknown;
}

/** What a register carries. */
export interface Registration {
  readonly url: string;
  readonly agentCard: unknown;
  /** Left out: the mode it had before, else `push`. */
  readonly deliveryMode?: DeliveryMode | undefined;
}

/** One workspace as the platform keeps it. Never changed in place: each transition gives a new one. */
export interface Workspace extends Liveness, Beat {
  readonly id: string;
  readonly url: string;
  readonly agentCard: unknown;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly registeredAt: number | null;
  readonly lastBeatAt: number | null;
  readonly removedAt: number | null;
  readonly registers: number;
  readonly beats: number;
}

const noBeat: Beat = {
  errorRate: 0,
  sampleError: "",
  activeTasks: 0,
  uptimeSeconds: 0,
  currentTask: "",
  monthlySpend: 0,
  runtimeState: "",
  runtimeMetadata: null,
};

/** A workspace that the provisioner knows and whose agent has not come up yet. */
export function provisioned(id: string, now: number): Workspace {
  return {
    ...noBeat,
    id,
    status: "provisioning",
    url: "",
    deliveryMode: "push",
    agentCard: null,
    createdAt: now,
    updatedAt: now,
    registeredAt: null,
    lastSeenAt: null,
    lastBeatAt: null,
    removedAt: null,
    aliveUntil: null,
    registers: 0,
    beats: 0,
  };
}

/** After a register: online whatever it was before, unless it was removed. */
export function registered(
  workspace: Workspace,
  registration: Registration,
  now: number,
  contract: Contract,
): Workspace {
  if (workspace.status === "removed") return workspace;
  return {
    ...workspace,
    status: "online",
    url: registration.url,
    agentCard: registration.agentCard,
    deliveryMode: registration.deliveryMode ?? workspace.deliveryMode,
    updatedAt: now,
    registeredAt: now,
    lastSeenAt: now,
    aliveUntil: now + contract.livenessMs,
    registers: workspace.registers + 1,
  };
}

/** After a beat: every field is overwritten, also by the zero values of what was left out. */
export function beaten(workspace: Workspace, beat: Beat, now: number, contract: Contract): Workspace {
  if (workspace.status === "removed") return workspace;
  return {
    ...workspace,
    ...beat,
    status: statusAfterBeat(workspace, beat, now),
    aliveUntil: aliveUntilAfterBeat(workspace, now, contract),
    updatedAt: now,
    lastSeenAt: now,
    lastBeatAt: now,
    beats: workspace.beats + 1,
  };
}

/** With another agent card; it may come at any time and says nothing about liveness. */
export function withCard(workspace: Workspace, agentCard: unknown, now: number): Workspace {
  return { ...workspace, agentCard, updatedAt: now };
}

/** With the status that a look found. */
export function withStatus(workspace: Workspace, status: Status, now: number): Workspace {
  return { ...workspace, status, updatedAt: now };
}

/** After its removal, from which nothing brings it back. */
export function removed(workspace: Workspace, now: number): Workspace {
  if (workspace.status === "removed") return workspace;
  return { ...workspace, status: "removed", removedAt: now, updatedAt: now };
}
