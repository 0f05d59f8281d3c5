/** A row of `GET /workspaces/:id/delegations`. */
export interface Row {
  readonly id: string;
  readonly source_id: string;
  readonly target_id: string;
  readonly summary: string;
  readonly status: string;
  readonly delegation_id?: string;
  readonly response_preview?: string;
}

/** A workspace as the platform knows it, and what the proof keeps about it. */
export interface Resident {
  readonly id: string;
  readonly tokenFile: string;
  /** The one that the runner's list has for it. */
  readonly listToken: string | null;
  /** Live tokens, and whether each was handed over: an answer that carried it arrived, or its file was written. */
  readonly live: Map<string, boolean>;
  /** Until when the platform takes it for alive; `null` before its first registration. */
  aliveUntil: number | null;
  /** Issued beside the others, for the next answer to a beat. */
  pushed: string | null;
  /** Newest first. */
  rows: readonly Row[];
  lastMessageId: string;
  /** How many results the messages that the platform took have told of. */
  announced: number;
  /** When its last beat was accepted, in time of the platform being up. */
  acceptedAt: number;
  /** The same on the clock. */
  acceptedWall: number;
  /**
   * Since when it has been able to get in, in time of the platform being up; `null` while it has live tokens and none of
   * them was ever handed to it.
   */
  reachableSince: number | null;
}

export function newResident(id: string, tokenFile: string, listToken: string | null): Resident {
  return {
    id,
    tokenFile,
    listToken,
    live: new Map(listToken === null ? [] : [[listToken, true]]),
    aliveUntil: null,
    pushed: null,
    rows: [],
    lastMessageId: "",
    announced: 0,
    acceptedAt: 0,
    acceptedWall: 0,
    reachableSince: 0,
  };
}

/** Brings `reachableSince` up to date after its tokens changed. Without a live token everybody is let in. */
export function noteReach(resident: Resident, upMs: number): void {
  const { live } = resident;
  const reachable = live.size === 0 || [...live.values()].some((handed) => handed);
  if (!reachable) resident.reachableSince = null;
  else resident.reachableSince ??= upMs;
}
