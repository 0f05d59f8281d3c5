import type { WorkspaceContext } from "./agent-options.ts";
import { PERMISSIONS, type Permissions } from "./permissions.ts";

/** What this runner may do for the workspace now. */
export const permissionsOf = ({ environment, ref }: WorkspaceContext): Permissions =>
  environment.lease?.permissionsOf(ref) ?? PERMISSIONS.held;

/**
 * Whether the workspace has a token. An `Auth` skips a store that it cannot read.
 *
 * @throws AuthError `STORAGE_READ_FAILED`: unknown
 */
export async function hasToken(
  { auth, environment, ref }: WorkspaceContext,
  signal: AbortSignal,
): Promise<boolean> {
  if ((await auth.getToken({ signal })) !== null) return true;
  if ((await environment.store.token(ref).read({ signal })) === null) return false;
  // It was missing a moment ago, when the store could not be reached.
  await auth.refreshCache({ signal });
  return true;
}

/**
 * When several runners share a store, a runner that cannot read it does not know whether there is a token, so it sends
 * no request without one.
 */
export async function knowsToken(context: WorkspaceContext, signal: AbortSignal): Promise<boolean> {
  try {
    return (await hasToken(context, signal)) || permissionsOf(context).registerUnsigned;
  } catch {
    return false;
  }
}

/** `heartbeat rotate` is about to store a different token. */
export async function isRotating({ environment, ref }: WorkspaceContext): Promise<boolean> {
  try {
    return (await environment.store.rotation(ref).read()) !== null;
  } catch {
    return false;
  }
}
