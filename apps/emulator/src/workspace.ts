import type { Contract } from "./contract.ts";
import {
  aliveUntilAfterHeartbeat,
  aliveUntilAfterRegister,
  type DeliveryMode,
  type Liveness,
  type Status,
  statusAfterHeartbeat,
} from "./liveness.ts";

/** The content of a heartbeat; missing fields have their zero value. */
export interface Heartbeat {
  readonly errorRate: number;
  readonly sampleError: string;
  readonly activeTasks: number;
  readonly uptimeSeconds: number;
  readonly currentTask: string;
  /** US cents; 0 keeps the last value. */
  readonly monthlySpend: number;
  readonly runtimeState: string;
  readonly runtimeMetadata: unknown;
  /** Taken only by a workspace that was given none, not even `null`. */
  readonly agentCard?: unknown;
  /** Left out: those that it had before. */
  readonly loadedTools?: readonly string[];
}

/** The content of a registration. */
export interface Registration {
  readonly url: string;
  readonly agentCard: unknown;
  /** Default: the previous mode, or else `push`. */
  readonly deliveryMode?: DeliveryMode | undefined;
}

/** The fields that an operator sets. */
export interface Created {
  readonly name: string;
  readonly role: string | null;
  readonly tier: number;
  readonly runtime: string;
  readonly parentId: string | null;
  readonly deliveryMode: DeliveryMode;
  readonly url: string;
  readonly status: Status;
}

/** One workspace as the platform stores it. Immutable: each transition returns a new one. */
export interface Workspace extends Liveness, Omit<Heartbeat, "agentCard">, Created {
  readonly id: string;
  readonly agentCard: unknown;
  readonly loadedTools: readonly string[];
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly registeredAt: number | null;
  readonly lastHeartbeatAt: number | null;
  readonly removedAt: number | null;
  readonly registers: number;
  readonly heartbeats: number;
}

const noHeartbeat = {
  errorRate: 0,
  sampleError: "",
  activeTasks: 0,
  uptimeSeconds: 0,
  currentTask: "",
  monthlySpend: 0,
  runtimeState: "",
  runtimeMetadata: null,
} satisfies Heartbeat;

/** A workspace before its first request. Without an operator's fields, it equals one that registers itself. */
export function provisioned(id: string, now: number, created: Partial<Created> = {}): Workspace {
  return {
    ...noHeartbeat,
    id,
    name: id,
    role: null,
    tier: 1,
    runtime: "claude-code",
    parentId: null,
    status: "provisioning",
    url: "",
    deliveryMode: "push",
    agentCard: null,
    loadedTools: [],
    createdAt: now,
    updatedAt: now,
    registeredAt: null,
    lastSeenAt: null,
    lastHeartbeatAt: null,
    removedAt: null,
    aliveUntil: null,
    registerFailedAt: null,
    registers: 0,
    heartbeats: 0,
    ...created,
  };
}

/** After a registration: online regardless of the previous status, unless it was removed. */
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
    aliveUntil: aliveUntilAfterRegister(workspace.runtime, now, contract),
    registerFailedAt: null,
    registers: workspace.registers + 1,
  };
}

/** After a heartbeat: every field is overwritten, also with the zero values of missing fields. */
export function afterHeartbeat(
  workspace: Workspace,
  { agentCard, ...heartbeat }: Heartbeat,
  now: number,
  contract: Contract,
): Workspace {
  if (workspace.status === "removed") return workspace;
  // A card in a heartbeat shows that the agent of the last successful registration is alive.
  const hasCard = agentCard !== undefined && agentCard !== null;
  const seen = hasCard ? { ...workspace, registerFailedAt: null } : workspace;
  const managesStatus = hasCapability(heartbeat.runtimeMetadata, "status_mgmt");
  const health = { ...heartbeat, managesStatus };
  return {
    ...seen,
    ...heartbeat,
    monthlySpend: heartbeat.monthlySpend > 0 ? heartbeat.monthlySpend : workspace.monthlySpend,
    agentCard:
      workspace.registeredAt === null ? (workspace.agentCard ?? agentCard ?? null) : workspace.agentCard,
    status: statusAfterHeartbeat(seen, health, now, contract),
    aliveUntil: aliveUntilAfterHeartbeat(seen, now, contract),
    updatedAt: now,
    lastSeenAt: now,
    lastHeartbeatAt: now,
    heartbeats: workspace.heartbeats + 1,
  };
}

/** With another agent card; it may arrive at any time and does not affect liveness. */
export function withCard(workspace: Workspace, agentCard: unknown, now: number): Workspace {
  return { ...workspace, agentCard, updatedAt: now };
}

/** With the status that a read determined. */
export function withStatus(workspace: Workspace, status: Status, now: number): Workspace {
  return { ...workspace, status, updatedAt: now };
}

/** Paused by an operator: only a registration wakes it. The stopped agent's URL is removed. */
export function paused(workspace: Workspace, now: number): Workspace {
  return { ...workspace, status: "paused", url: "", updatedAt: now };
}

/** After its removal, which is final. */
export function removed(workspace: Workspace, now: number): Workspace {
  if (workspace.status === "removed") return workspace;
  return { ...workspace, status: "removed", removedAt: now, updatedAt: now };
}

function hasCapability(metadata: unknown, name: string): boolean {
  if (typeof metadata !== "object" || metadata === null) return false;
  const capabilities: unknown = Reflect.get(metadata, "capabilities");
  return (
    typeof capabilities === "object" && capabilities !== null && Reflect.get(capabilities, name) === true
  );
}
