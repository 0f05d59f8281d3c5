import type { Contract } from "./contract.ts";
import {
  aliveUntilAfterHeartbeat,
  type DeliveryMode,
  type Liveness,
  type Status,
  statusAfterHeartbeat,
} from "./liveness.ts";

/** What a heartbeat carries, with the zero value for everything that it left out. */
export interface Heartbeat {
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
export interface Workspace extends Liveness, Heartbeat {
  readonly id: string;
  readonly url: string;
  readonly agentCard: unknown;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly registeredAt: number | null;
  readonly lastHeartbeatAt: number | null;
  readonly removedAt: number | null;
  readonly registers: number;
  readonly heartbeats: number;
}

const noHeartbeat: Heartbeat = {
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
    ...noHeartbeat,
    id,
    status: "provisioning",
    url: "",
    deliveryMode: "push",
    agentCard: null,
    createdAt: now,
    updatedAt: now,
    registeredAt: null,
    lastSeenAt: null,
    lastHeartbeatAt: null,
    removedAt: null,
    aliveUntil: null,
    registers: 0,
    heartbeats: 0,
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

/** After a heartbeat: every field is overwritten, also by the zero values of what was left out. */
export function afterHeartbeat(
  workspace: Workspace,
  heartbeat: Heartbeat,
  now: number,
  contract: Contract,
): Workspace {
  if (workspace.status === "removed") return workspace;
  return {
    ...workspace,
    ...heartbeat,
    status: statusAfterHeartbeat(workspace, heartbeat, now),
    aliveUntil: aliveUntilAfterHeartbeat(workspace, now, contract),
    updatedAt: now,
    lastSeenAt: now,
    lastHeartbeatAt: now,
    heartbeats: workspace.heartbeats + 1,
  };
}

/** With another agent card; it may come at any time and says nothing about liveness. */
export function withCard(workspace: Workspace, agentCard: unknown, now: number): Workspace {
  return { ...workspace, agentCard, updatedAt: now };
}

/** With the status that a read found. */
export function withStatus(workspace: Workspace, status: Status, now: number): Workspace {
  return { ...workspace, status, updatedAt: now };
}

/** After its removal, from which nothing brings it back. */
export function removed(workspace: Workspace, now: number): Workspace {
  if (workspace.status === "removed") return workspace;
  return { ...workspace, status: "removed", removedAt: now, updatedAt: now };
}
