import type { MemberView } from "../fleet/fleet.ts";

/** What a workspace is doing; `removed`: whatever it does, the platform says that it was removed. */
export type State = MemberView["state"]["phase"] | "removed";

export const stateOf = ({ state, platformStatus }: MemberView): State =>
  platformStatus === "removed" ? "removed" : state.phase;

const NONE: Readonly<Record<State, number>> = { registering: 0, beating: 0, recovering: 0, removed: 0 };

/** How many workspaces are in which state; a state without any is there, too, with 0. */
export function countByState(members: readonly MemberView[]): Readonly<Record<State, number>> {
  const counts = { ...NONE };
  for (const member of members) counts[stateOf(member)] += 1;
  return counts;
}

export const countUnsaved = (members: readonly MemberView[]): number =>
  members.reduce((count, { unsaved }) => count + (unsaved ? 1 : 0), 0);
