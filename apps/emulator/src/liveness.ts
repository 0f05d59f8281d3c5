import type { Contract } from "./contract.ts";

/** The statuses that the emulator uses; the real platform has more. */
export type Status =
  | "provisioning"
  | "awaiting_agent"
  | "online"
  | "offline"
  | "degraded"
  | "paused"
  | "removed";

/** How a workspace receives messages: the platform calls its URL, or it polls. */
export type DeliveryMode = "push" | "poll";

/** How long a failed registration keeps a workspace degraded. */
const REGISTER_FAILURE_MS = 300_000;

/** The fields of a workspace that determine its status. */
export interface Liveness {
  readonly status: Status;
  /** `external` if an operator created it for an external agent. */
  readonly runtime: string;
  /** Last registration or heartbeat; null before the first. */
  readonly lastSeenAt: number | null;
  /** The end of its liveness; null if silence does not matter, or before the first request. */
  readonly aliveUntil: number | null;
  /** The workspace's last rejected registration; null after a successful one. */
  readonly registerFailedAt: number | null;
}

/** A heartbeat's health report. */
export interface Health {
  readonly errorRate: number;
  readonly runtimeState: string;
  /** The runtime manages its status itself: the error rate is then ignored. */
  readonly managesStatus: boolean;
}

/** The status at `now`, including time-dependent changes. */
export function statusAt(workspace: Liveness, now: number, contract: Contract): Status {
  const { status } = workspace;
  if ((status !== "online" && status !== "degraded") || !isSilent(workspace, now)) return status;
  return contract.liveness === "key" ? "offline" : "awaiting_agent";
}

/** The end of a workspace's liveness after a registration. */
export function aliveUntilAfterRegister(runtime: string, now: number, contract: Contract): number | null {
  return contract.liveness === "key" || runtime === "external" ? now + contract.livenessMs : null;
}

/**
 * The same after a heartbeat. A heartbeat extends an existing liveness key and never creates one: after a longer
 * silence only a registration brings such a workspace back.
 */
export function aliveUntilAfterHeartbeat(
  workspace: Liveness,
  now: number,
  contract: Contract,
): number | null {
  if (contract.liveness === "sweep") return aliveUntilAfterRegister(workspace.runtime, now, contract);
  const { aliveUntil } = workspace;
  return aliveUntil === null || isSilent(workspace, now) ? aliveUntil : now + contract.livenessMs;
}

/** The status after a heartbeat at `now`. */
export function statusAfterHeartbeat(
  workspace: Liveness,
  health: Health,
  now: number,
  contract: Contract,
): Status {
  const found = statusAt(workspace, now, contract);
  // The current platform wakes the workspace first, then evaluates its health as for an online one.
  const status = found === "provisioning" && contract.liveness === "sweep" ? "online" : found;
  const registerFailed =
    workspace.registerFailedAt !== null && now - workspace.registerFailedAt < REGISTER_FAILURE_MS;
  const { errorRate, runtimeState } = health;
  switch (status) {
    case "online": {
      const failsOften = errorRate >= 0.5 && !health.managesStatus;
      return runtimeState === "wedged" || failsOften || registerFailed ? "degraded" : "online";
    }
    case "degraded": {
      const isWell = errorRate < 0.1 && runtimeState === "" && !health.managesStatus;
      return isWell && !registerFailed ? "online" : "degraded";
    }
    case "provisioning":
    case "offline":
      // Without its key, the workspace would be offline again on the next read.
      return isSilent(workspace, now) ? status : "online";
    case "awaiting_agent":
      return "online";
    default:
      return status;
  }
}

/** Like a key with a TTL: alive up to and including its last millisecond. */
function isSilent({ aliveUntil }: Liveness, now: number): boolean {
  return aliveUntil !== null && now > aliveUntil;
}
