import type { DeliveryMode, Status } from "./liveness.ts";
import type { Redactor } from "./redact.ts";
import type { PlatformState } from "./state.ts";
import type { Heartbeat, Workspace } from "./workspace.ts";

/** A workspace in the emulator's public format. Times are ms on its clock; no secrets. */
export interface WorkspaceView extends Omit<Heartbeat, "agentCard"> {
  readonly id: string;
  /** The name given by an operator; the id if it registered itself. */
  readonly name: string;
  readonly runtime: string;
  readonly parentId: string | null;
  readonly status: Status;
  readonly url: string;
  readonly deliveryMode: DeliveryMode;
  readonly agentCard: unknown;
  /** The number of effective registrations and heartbeats. */
  readonly registers: number;
  readonly heartbeats: number;
  readonly registeredAt: number | null;
  readonly lastHeartbeatAt: number | null;
  readonly removedAt: number | null;
  /** The end of its liveness; null if silence does not matter, or before the first request. */
  readonly aliveUntil: number | null;
  /** The number of live tokens, and the first 8 characters of the newest. */
  readonly liveTokens: number;
  readonly tokenPrefix: string | null;
}

/** The current state of every workspace. */
export function viewAll(state: PlatformState, redact: Redactor): WorkspaceView[] {
  return state.all().map((workspace) => view(workspace, state, redact));
}

function view(workspace: Workspace, state: PlatformState, redact: Redactor): WorkspaceView {
  const live = state.tokens.live(workspace.id);
  return {
    id: workspace.id,
    name: redact(workspace.name),
    runtime: workspace.runtime,
    parentId: workspace.parentId,
    status: workspace.status,
    url: redact(workspace.url),
    deliveryMode: workspace.deliveryMode,
    agentCard: redact(workspace.agentCard),
    registers: workspace.registers,
    heartbeats: workspace.heartbeats,
    registeredAt: workspace.registeredAt,
    lastHeartbeatAt: workspace.lastHeartbeatAt,
    removedAt: workspace.removedAt,
    aliveUntil: workspace.aliveUntil,
    errorRate: workspace.errorRate,
    sampleError: redact(workspace.sampleError),
    activeTasks: workspace.activeTasks,
    uptimeSeconds: workspace.uptimeSeconds,
    currentTask: redact(workspace.currentTask),
    monthlySpend: workspace.monthlySpend,
    runtimeState: workspace.runtimeState,
    runtimeMetadata: redact(workspace.runtimeMetadata),
    liveTokens: live.length,
    tokenPrefix: live.at(-1)?.prefix ?? null,
  };
}
