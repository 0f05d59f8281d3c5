import type { WorkspaceStatus } from "../../fleet/fleet-types.ts";

/**
 * Whether every workspace had its first answer and at least one of them is alive, which proves that heartbeats arrive.
 * A failed workspace does not delay the others; a platform that is down does. An empty list has nothing to wait for.
 */
export function isFirstRoundOver(workspaces: readonly WorkspaceStatus[]): boolean {
  if (workspaces.length === 0) return true;
  return workspaces.some(({ state }) => state.phase === "alive") && workspaces.every(wasTried);
}

const wasTried = ({ state, failure }: WorkspaceStatus) => state.phase !== "registering" || failure !== null;
