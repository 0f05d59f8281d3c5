import type { WorkspaceStatus } from "../fleet/fleet-types.ts";
import { counted } from "./counted.ts";

/** The state of a workspace; `removed`: the platform has removed it, even if it still accepts its heartbeats. */
export type State = WorkspaceStatus["state"]["phase"] | "removed";

export const stateOf = ({ state, platformStatus }: WorkspaceStatus): State =>
  platformStatus === "removed" ? "removed" : state.phase;

const NONE: Readonly<Record<State, number>> = { registering: 0, alive: 0, recovering: 0, removed: 0 };

/** The number of workspaces in each state, including states with 0. */
export function countByState(workspaces: readonly WorkspaceStatus[]): Readonly<Record<State, number>> {
  const counts = { ...NONE };
  for (const workspace of workspaces) counts[stateOf(workspace)] += 1;
  return counts;
}

export const countUnsaved = (workspaces: readonly WorkspaceStatus[]): number =>
  workspaces.reduce((count, { unsaved }) => count + (unsaved ? 1 : 0), 0);

/** Readable text: `3 workspaces: 2 alive, 1 recovering`. */
export function describeCounts(workspaces: readonly WorkspaceStatus[]): string {
  const states = Object.entries(countByState(workspaces)).filter(([, count]) => count > 0);
  const unsaved = countUnsaved(workspaces);
  const total = counted(workspaces.length, "workspace");
  return [
    `${total}: ${states.map(([state, count]) => `${count} ${state}`).join(", ") || "none"}`,
    ...(unsaved > 0 ? [`tokens that could not be stored: ${unsaved}`] : []),
  ].join("; ");
}
