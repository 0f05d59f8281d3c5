import type { MemberView } from "../fleet/fleet.ts";
import { stateOf } from "../status/states.ts";

/** A workspace, and since when it is as it is. */
export interface Row extends MemberView {
  /** Wall-clock time of its last change of state, in milliseconds since 1970. */
  readonly changedAt: number;
}

/** Remembers when each workspace last changed its state; a removed one is forgotten. */
export function createHistory(): (members: readonly MemberView[], now: number) => Row[] {
  let known = new Map<string, { readonly state: string; readonly changedAt: number }>();
  return (members, now) => {
    const seen: typeof known = new Map();
    const rows = members.map((member) => {
      const state = `${urgency(member)} ${member.failure ?? ""}`;
      const before = known.get(member.id);
      const changedAt = before?.state === state ? before.changedAt : now;
      seen.set(member.id, { state, changedAt });
      return { ...member, changedAt };
    });
    known = seen;
    return rows;
  };
}

/** The rows to show where not all fit: the worst first, of those the ones that changed last. */
export function pickRows(rows: readonly Row[], count: number): readonly Row[] {
  if (rows.length <= count) return rows;
  return [...rows].sort((a, b) => urgency(b) - urgency(a) || b.changedAt - a.changedAt).slice(0, count);
}

/** How much somebody ought to look at it; 0 is fine. */
export function urgency(member: MemberView): number {
  const { state, unsaved, failure } = member;
  if (unsaved) return 4;
  if (state.refusals > 0 || stateOf(member) === "removed") return 3;
  if (state.phase === "recovering" || failure !== null) return 2;
  return state.phase === "registering" ? 1 : 0;
}
