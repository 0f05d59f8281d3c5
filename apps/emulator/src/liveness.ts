import { type Contract, STALE_AFTER_MS } from "./contract.ts";

/** The statuses that the emulator gives; the real platform knows more. */
export type Status = "provisioning" | "online" | "offline" | "degraded" | "removed";

/** How a workspace is reached: the platform calls its URL, or it fetches its work itself. */
export type DeliveryMode = "push" | "poll";

/** As much of a workspace as decides about its status. */
export interface Liveness {
  readonly status: Status;
  readonly deliveryMode: DeliveryMode;
  /** Last register or heartbeat; null before the first. */
  readonly lastSeenAt: number | null;
  /** Until when the liveness key exists; null when no register ever made one. */
  readonly aliveUntil: number | null;
}

/** What a heartbeat says about the health of its workspace. */
export interface Health {
  readonly errorRate: number;
  readonly runtimeState: string;
}

/** The status at `now`, after everything that only time brings about. */
export function statusAt(workspace: Liveness, now: number): Status {
  const { status, deliveryMode, lastSeenAt } = workspace;
  if (status !== "online" && status !== "degraded") return status;
  const isStale = deliveryMode === "poll" && lastSeenAt !== null && now - lastSeenAt > STALE_AFTER_MS;
  return isStale || keyExpired(workspace, now) ? "offline" : status;
}

/**
 * The liveness key after a heartbeat. A heartbeat prolongs a key that is there and never makes one: after a longer
 * silence only a register brings the workspace back.
 */
export function aliveUntilAfterHeartbeat(
  workspace: Liveness,
  now: number,
  contract: Contract,
): number | null {
  const { aliveUntil } = workspace;
  return aliveUntil === null || keyExpired(workspace, now) ? aliveUntil : now + contract.livenessMs;
}

/** The status after a heartbeat at `now`, given the status just before it. */
export function statusAfterHeartbeat(workspace: Liveness, health: Health, now: number): Status {
  const status = statusAt(workspace, now);
  switch (status) {
    case "online":
      return health.errorRate >= 0.5 || health.runtimeState === "wedged" ? "degraded" : "online";
    case "degraded":
      return health.errorRate < 0.1 && health.runtimeState === "" ? "online" : "degraded";
    case "offline":
    case "provisioning":
      // Without its key a workspace would be found offline again at the very next read.
      return keyExpired(workspace, now) ? status : "online";
    case "removed":
      return "removed";
  }
}

/** Like a Redis key, alive up to and including the millisecond it expires at. */
function keyExpired({ aliveUntil }: Liveness, now: number): boolean {
  return aliveUntil !== null && now > aliveUntil;
}
