import type { WorkspaceRef } from "../storage/workspace-store.ts";

/**
 * This runner's claim to a workspace of a fleet on several machines:
 *
 * - `held`: this runner owns it, and its lease is valid
 * - `unsure`: this runner owned it when the store last answered; the lease has expired since
 * - `draining`: it moves to another runner as soon as nothing is in flight
 * - `lost`: another runner owns it, or none does
 */
export type LeaseState = "held" | "unsure" | "draining" | "lost";

/** What a runner may do for a workspace. Tokens in an answer of the platform are always received and stored. */
export interface Permissions {
  /** `until-rejected`: until the first 401, 403 or 410. */
  readonly heartbeat: "yes" | "until-rejected" | "no";
  /** Registering with a bearer token. */
  readonly register: boolean;
  /** Registering without one: the platform issues a token. The lease must outlast the request, too. */
  readonly registerUnsigned: boolean;
  /** Delegations, messages, the agent card, checks. */
  readonly jobs: boolean;
}

/** Which workspaces this runner owns, when several share them. */
export interface Lease {
  permissionsOf(ref: WorkspaceRef): Permissions;
  /** Settles when it is known whether the workspace stays this runner's while a request is answered. */
  outlastsRequest(ref: WorkspaceRef, signal: AbortSignal): Promise<boolean>;
}

/**
 * The permitted action in place of the one that is due; `null` for none. `isRejected`: the platform rejected the last
 * heartbeat.
 */
export function permitted(
  action: "register" | "heartbeat",
  { heartbeat, register }: Permissions,
  isRejected: boolean,
): "register" | "heartbeat" | null {
  if (action === "register" && register) return action;
  return heartbeat === "yes" || (heartbeat === "until-rejected" && !isRejected) ? "heartbeat" : null;
}

/**
 * Heartbeats continue without a valid lease: a runner cannot know whether only it is cut off or the database is down
 * for all, and two senders of heartbeats are harmless. Two that register are not.
 */
export const PERMISSIONS: Readonly<Record<LeaseState, Permissions>> = {
  held: { heartbeat: "yes", register: true, registerUnsigned: true, jobs: true },
  unsure: { heartbeat: "until-rejected", register: false, registerUnsigned: false, jobs: false },
  draining: { heartbeat: "no", register: false, registerUnsigned: false, jobs: false },
  lost: { heartbeat: "no", register: false, registerUnsigned: false, jobs: false },
};
