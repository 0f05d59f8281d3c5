/** Which generation of the platform is played: `v1` its ancestor of April 2026, `v2` the one of today. */
export type ContractVersion = "v1" | "v2";

/** Where the generations of the platform differ, and only that. */
export interface Contract {
  readonly version: ContractVersion;
  /** How long a workspace counts as alive after its last register or heartbeat. */
  readonly livenessMs: number;
  /**
   * `key`: a liveness key that a register makes and heartbeats prolong; without it a workspace is offline until it
   * registers. `sweep`: an external workspace that is silent awaits its agent, and a heartbeat brings it back.
   */
  readonly liveness: "key" | "sweep";
  /** Workspaces without a URL that fetch their work themselves. */
  readonly pollMode: boolean;
  /** A removed workspace answers 410 with a reason, instead of 200 with a status. */
  readonly removedIsGone: boolean;
  /** A missing tenant header answers 400 with a reason, instead of an empty 404. */
  readonly explainsMissingTenant: boolean;
  /** Only a live instance token closes the registry; without one API tokens do not. */
  readonly tokenKinds: boolean;
}

export const contracts: Readonly<Record<ContractVersion, Contract>> = {
  v1: {
    version: "v1",
    livenessMs: 60_000,
    liveness: "key",
    pollMode: false,
    removedIsGone: false,
    explainsMissingTenant: false,
    tokenKinds: false,
  },
  v2: {
    version: "v2",
    livenessMs: 180_000,
    liveness: "sweep",
    pollMode: true,
    removedIsGone: true,
    explainsMissingTenant: true,
    tokenKinds: true,
  },
};

/** Where time comes from: milliseconds since the epoch, like `Date`. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
}

/** A clock that can be moved forward. */
export interface AdvancingClock extends Clock {
  /** Moves it forward, in ms. */
  advance(ms: number): void;
}

/** The given clock, with what it was advanced by. */
export function advancing(clock: Clock): AdvancingClock {
  let offset = 0;
  return {
    now: () => clock.now() + offset,
    advance: (ms) => {
      offset += ms;
    },
  };
}
