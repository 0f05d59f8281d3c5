import type { WorkspaceStatus } from "../src/fleet/fleet.ts";
import { initialState, type WorkspaceState } from "../src/workspace/state-machine.ts";

type Changed = Partial<Omit<WorkspaceStatus, "state">> & { readonly state?: Partial<WorkspaceState> };

/** The status of a healthy workspace, with changes. */
export function workspaceStatus(id: string, { state, ...changed }: Changed = {}): WorkspaceStatus {
  return {
    id,
    platformUrl: "https://platform.example",
    dueInMs: 12_000,
    lastHeartbeatAt: 0,
    latencyMs: 34.2,
    errorRate: 0,
    failure: null,
    unsaved: false,
    platformStatus: "online",
    ...changed,
    state: { ...initialState("register"), phase: "alive", registered: true, ...state },
  };
}

/** Ids like `agent-0`. */
export const agents = (count: number, changed?: Changed): WorkspaceStatus[] =>
  Array.from({ length: count }, (_, index) => workspaceStatus(`agent-${index}`, changed));
