import type { WorkspaceRef } from "../storage/workspace-store.ts";

/**
 * What a workspace of a fleet on many machines is to this runner:
 *
 * - `held`: it is this runner's, and the lease that says so is valid
 * - `unsure`: it was this runner's when the store last answered; the lease has run out since then
 * - `draining`: it goes to another runner as soon as nothing of it is in flight
 * - `lost`: another runner's, or no runner's
 */
export type LeaseState = "held" | "unsure" | "draining" | "lost";

/** What a runner may do for a workspace. What an answer of the platform holds is always received and stored. */
export interface Permissions {
  /** `until-rejected`: until the first 401, 403 or 410. */
  readonly heartbeat: "yes" | "until-rejected" | "no";
  /** With a bearer token. */
  readonly register: boolean;
  /** Without one: the platform issues a token. The lease has to outlast the request, too. */
  readonly registerUnsigned: boolean;
  /** Delegations, messages, the agent card, checks. */
  readonly jobs: boolean;
}

/** Which workspaces are this runner's, where several share them. */
export interface Lease {
  permissionsOf(ref: WorkspaceRef): Permissions;
  /** Settles, once it is known, with whether the workspace stays this runner's while a request is answered. */
  outlastsRequest(ref: WorkspaceRef, signal: AbortSignal): Promise<boolean>;
}

/** What to do instead of what is due; `null`: nothing now. `isRejected`: the platform rejected the last heartbeat. */
export function permitted(
  action: "register" | "heartbeat",
  { heartbeat, register }: Permissions,
  isRejected: boolean,
): "register" | "heartbeat" | null {
  if (action === "register" && register) return action;
  return heartbeat === "yes" || (heartbeat === "until-rejected" && !isRejected) ? "heartbeat" : null;
}

/**
 * Heartbeats continue without a valid lease: a runner cannot tell whether only it is cut off or the database is down for
 * all, and two senders of heartbeats are harmless. Two that register are not.
 */
export const PERMISSIONS: Readonly<Record<LeaseState, Permissions>> = {
  held: { heartbeat: "yes", register: true, registerUnsigned: true, jobs: true },
  unsure: { heartbeat: "until-rejected", register: false, registerUnsigned: false, jobs: false },
  draining: { heartbeat: "no", register: false, registerUnsigned: false, jobs: false },
  lost: { heartbeat: "no", register: false, registerUnsigned: false, jobs: false },
};
