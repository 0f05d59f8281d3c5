import type { WorkspaceContext } from "./agent-options.ts";
import { PERMISSIONS, type Permissions } from "./permissions.ts";

/** What this runner may do for the workspace now. */
export const permissionsOf = ({ environment, ref }: WorkspaceContext): Permissions =>
  environment.lease?.permissionsOf(ref) ?? PERMISSIONS.held;

/**
 * When several runners share a store, a runner that cannot read it does not know whether there is a token, so it sends
 * no request without one.
 */
export async function knowsToken(context: WorkspaceContext, signal: AbortSignal): Promise<boolean> {
  const { auth, environment, ref } = context;
  if (environment.lease === undefined) return true;
  try {
    if ((await auth.getToken()) !== null) return true;
    if ((await environment.store.token(ref).read({ signal })) === null)
      return permissionsOf(context).registerUnsigned;
    // It was missing a moment ago, when the store could not be reached.
    await auth.refreshCache();
    return true;
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
