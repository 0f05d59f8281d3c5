import type { WorkspaceStatus } from "../fleet/fleet-types.ts";
import { stateOf } from "./workspace-states.ts";

/** A workspace and the time of its last change of state. */
export interface Row extends WorkspaceStatus {
  /** Wall-clock time of its last change of state, in milliseconds since 1970. */
  readonly changedAt: number;
}

/** Remembers when each workspace last changed its state; removed workspaces are dropped. */
export function createHistory(): (workspaces: readonly WorkspaceStatus[], now: number) => Row[] {
  let known = new Map<string, { readonly state: string; readonly changedAt: number }>();
  return (workspaces, now) => {
    const seen: typeof known = new Map();
    const rows = workspaces.map((workspace) => {
      const state = `${urgency(workspace)} ${workspace.failure ?? ""}`;
      const before = known.get(workspace.id);
      const changedAt = before?.state === state ? before.changedAt : now;
      seen.set(workspace.id, { state, changedAt });
      return { ...workspace, changedAt };
    });
    known = seen;
    return rows;
  };
}

/** The rows to show when not all fit: the worst first, and among equals the latest change. */
export function pickRows(rows: readonly Row[], count: number): readonly Row[] {
  if (rows.length <= count) return rows;
  return [...rows].sort((a, b) => urgency(b) - urgency(a) || b.changedAt - a.changedAt).slice(0, count);
}

/** How much attention a workspace needs; 0 for none. */
export function urgency(workspace: WorkspaceStatus): number {
  const { state, unsaved, failure } = workspace;
  if (unsaved) return 4;
  if (state.rejections > 0 || stateOf(workspace) === "removed") return 3;
  if (state.phase === "recovering" || failure !== null) return 2;
  return state.phase === "registering" ? 1 : 0;
}
