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

/** A workspace as the platform knows it, and what the soak records about it. */
export interface SimulatedAgent {
  readonly id: string;
  readonly tokenFile: string;
  /** Where the runner keeps a token that it could not write to that file. */
  readonly spillFile: string;
  /** Its token in the runner's list. */
  readonly listToken: string | null;
  /** Live tokens, and whether the agent received each: its answer arrived, or its file was written. */
  readonly live: Map<string, boolean>;
  /** The platform has a record of it: an operator created one, or it registered itself. */
  isKnown: boolean;
  /** Where the platform calls it; empty for one that polls. */
  url: string;
  /** When its liveness expires; `null` before its first registration. */
  aliveUntil: number | null;
  /** The token that it sent last; empty before that. */
  presented: string;
  /** Credentials beside the others, for the next answer to a heartbeat. */
  pushed: string | null;
  /** Newest first. */
  rows: readonly Row[];
  lastMessageId: string;
  /** How many results were announced in messages that the platform accepted. */
  announced: number;
  /** When its last heartbeat was accepted, in platform uptime. */
  acceptedAt: number;
  /** The same on the clock. */
  acceptedWall: number;
  /**
   * Since when it has been able to connect, in platform uptime; `null` while it has live tokens but never received one.
   */
  reachableSince: number | null;
}

/** How a workspace begins. */
export interface Provision extends Pick<SimulatedAgent, "id" | "tokenFile" | "spillFile" | "listToken"> {
  /** Not empty for a push workspace that an operator has created. */
  readonly url: string;
}

export function newSimulatedAgent(provision: Provision): SimulatedAgent {
  const { listToken, url } = provision;
  return {
    ...provision,
    live: new Map(listToken === null ? [] : [[listToken, true]]),
    isKnown: listToken !== null || url !== "",
    aliveUntil: null,
    presented: "",
    pushed: null,
    rows: [],
    lastMessageId: "",
    announced: 0,
    acceptedAt: 0,
    acceptedWall: 0,
    reachableSince: 0,
  };
}

/** Updates `reachableSince` after its tokens changed. Without a live token every client is admitted. */
export function noteReach(agent: SimulatedAgent, upMs: number): void {
  const { live } = agent;
  const reachable = live.size === 0 || [...live.values()].some((received) => received);
  if (!reachable) agent.reachableSince = null;
  else agent.reachableSince ??= upMs;
}
