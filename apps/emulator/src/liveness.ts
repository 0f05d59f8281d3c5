import type { Contract } from "./contract.ts";

/** The statuses that the emulator gives; the real platform knows more. */
export type Status =
  | "provisioning"
  | "awaiting_agent"
  | "online"
  | "offline"
  | "degraded"
  | "paused"
  | "removed";

/** How a workspace is reached: the platform calls its URL, or it fetches its work itself. */
export type DeliveryMode = "push" | "poll";

/** How long a failed register keeps a workspace degraded. */
const REGISTER_FAILURE_MS = 300_000;

/** As much of a workspace as decides about its status. */
export interface Liveness {
  readonly status: Status;
  /** `external` when an operator created it for an agent elsewhere. */
  readonly runtime: string;
  /** Last register or heartbeat; null before the first. */
  readonly lastSeenAt: number | null;
  /** Until when it counts as alive; null when silence does not matter, or nothing was heard of it yet. */
  readonly aliveUntil: number | null;
  /** When the workspace itself last tried to register and was rejected; null when it succeeded since. */
  readonly registerFailedAt: number | null;
}

/** What a heartbeat says about the health of its workspace. */
export interface Health {
  readonly errorRate: number;
  readonly runtimeState: string;
  /** The runtime says that it manages its status itself: the error rate then says nothing. */
  readonly managesStatus: boolean;
}

/** The status at `now`, after everything that only time brings about. */
export function statusAt(workspace: Liveness, now: number, contract: Contract): Status {
  const { status } = workspace;
  if ((status !== "online" && status !== "degraded") || !isSilent(workspace, now)) return status;
  return contract.liveness === "key" ? "offline" : "awaiting_agent";
}

/** Until when a workspace counts as alive after a register. */
export function aliveUntilAfterRegister(runtime: string, now: number, contract: Contract): number | null {
  return contract.liveness === "key" || runtime === "external" ? now + contract.livenessMs : null;
}

/**
 * The same after a heartbeat. It prolongs a liveness key that is there and never makes one: after a longer silence
 * only a register brings such a workspace back.
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
  // Today waking comes first, and whether it is well is judged as of a workspace that is online.
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
      // Without its key a workspace would be found offline again at the very next read.
      return isSilent(workspace, now) ? status : "online";
    case "awaiting_agent":
      return "online";
    default:
      return status;
  }
}

/** Like a key that expires: alive up to and including its last millisecond. */
function isSilent({ aliveUntil }: Liveness, now: number): boolean {
  return aliveUntil !== null && now > aliveUntil;
}
