import type { TimelineMessage } from "../src/dashboard/messages.ts";

/** The same thing that happened several times within a few seconds, to one workspace or to many. */
export interface EventGroup {
  /** The number of the first event. */
  readonly seq: number;
  readonly tone: TimelineMessage["tone"];
  readonly text: string;
  /** When it happened first, and last. */
  readonly from: number;
  readonly at: number;
  readonly times: number;
  /** Those to which it happened; none where it is about the platform. */
  readonly workspaceIds: ReadonlySet<string>;
}

/** Which events are to be shown. */
export interface EventFilter {
  /** Null: all. */
  readonly workspaceId: string | null;
  readonly errorsOnly: boolean;
}

/** Within this time the same again is counted, not repeated. */
const TOGETHER_MS = 10_000;
/** An event joins one of so many groups before it. */
const OPEN_GROUPS = 4;

/** Whether an event passes. What concerns the platform as a whole concerns each workspace. */
export function passes({ workspaceId, tone }: TimelineMessage, filter: EventFilter): boolean {
  if (filter.errorsOnly && tone !== "bad") return false;
  return filter.workspaceId === null || workspaceId === null || workspaceId === filter.workspaceId;
}

/** Groups events, oldest first: a group is where its last event is. */
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

/** A group is only ever held by the list that it is in: its ids may grow in place. */
function joined(group: EventGroup, { at, workspaceId }: TimelineMessage): EventGroup {
  if (workspaceId !== null) (group.workspaceIds as Set<string>).add(workspaceId);
  return { ...group, at, times: group.times + 1 };
}
