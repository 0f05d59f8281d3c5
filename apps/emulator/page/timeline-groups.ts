import type { TimelineMessage } from "../src/dashboard/messages.ts";

/** The same event, several times within a few seconds, for one or more workspaces. */
export interface EventGroup {
  /** The number of the first event. */
  readonly seq: number;
  readonly tone: TimelineMessage["tone"];
  readonly text: string;
  /** The times of its first and last event. */
  readonly from: number;
  readonly at: number;
  readonly times: number;
  /** The affected workspaces; none for the platform as a whole. */
  readonly workspaceIds: ReadonlySet<string>;
}

/** The events to show. */
export interface EventFilter {
  /** Null: all. */
  readonly workspaceId: string | null;
  readonly errorsOnly: boolean;
}

/** Within this time a repeated event is counted instead of listed again. */
const TOGETHER_MS = 10_000;
/** The number of preceding groups that an event can join. */
const OPEN_GROUPS = 4;

/** Whether an event matches the filter. Platform events concern every workspace. */
export function passes({ workspaceId, tone }: TimelineMessage, filter: EventFilter): boolean {
  if (filter.errorsOnly && tone !== "bad") return false;
  return filter.workspaceId === null || workspaceId === null || workspaceId === filter.workspaceId;
}

/** Groups events, oldest first; a group's position is that of its last event. */
export function grouped(events: readonly TimelineMessage[]): EventGroup[] {
  const groups: EventGroup[] = [];
  for (const event of events) {
    const offset = groups.slice(-OPEN_GROUPS).findIndex((group) => fits(group, event));
    const index = Math.max(0, groups.length - OPEN_GROUPS) + offset;
    const before = offset < 0 ? undefined : groups[index];
    if (before) groups.splice(index, 1);
    groups.push(before ? joined(before, event) : groupOf(event));
  }
  return groups;
}

function fits(group: EventGroup, { text, tone, at }: TimelineMessage): boolean {
  return group.text === text && group.tone === tone && at - group.from < TOGETHER_MS;
}

function groupOf({ seq, tone, text, at, workspaceId }: TimelineMessage): EventGroup {
  return {
    seq,
    tone,
    text,
    from: at,
    at,
    times: 1,
    workspaceIds: new Set(workspaceId === null ? [] : [workspaceId]),
  };
}

/** A group belongs to one list only, so its ids may be modified in place. */
function joined(group: EventGroup, { at, workspaceId }: TimelineMessage): EventGroup {
  if (workspaceId !== null) (group.workspaceIds as Set<string>).add(workspaceId);
  return { ...group, at, times: group.times + 1 };
}
