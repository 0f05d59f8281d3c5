import type { MemberView } from "../src/fleet/fleet.ts";
import { INITIAL_STATE, type WorkerState } from "../src/worker/machine.ts";

type Changed = Partial<Omit<MemberView, "state">> & { readonly state?: Partial<WorkerState> };

/** A workspace that beats as it should, but for what is said of it. */
export function memberView(id: string, { state, ...changed }: Changed = {}): MemberView {
  return {
    id,
    platformUrl: "https://platform.example",
    dueInMs: 12_000,
    lastBeatAt: 0,
    latencyMs: 34.2,
    errorRate: 0,
    failure: null,
    unsaved: false,
    platformStatus: "online",
    ...changed,
    state: { ...INITIAL_STATE, phase: "beating", registered: true, ...state },
  };
}

/** Ids like `agent-0`. */
export const agents = (count: number, changed?: Changed): MemberView[] =>
  Array.from({ length: count }, (_, index) => memberView(`agent-${index}`, changed));
