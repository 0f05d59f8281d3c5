/** The emulated generation of the platform: `v1` of April 2026, `v2` the current one. */
export type ContractVersion = "v1" | "v2";

/** The differences between the generations of the platform. */
export interface Contract {
  readonly version: ContractVersion;
  /** How long a workspace counts as alive after its last registration or heartbeat. */
  readonly livenessMs: number;
  /**
   * `key`: a liveness key that a registration creates and heartbeats extend; without it a workspace is offline until it
   * registers. `sweep`: a silent external workspace awaits its agent, and a heartbeat brings it back.
   */
  readonly liveness: "key" | "sweep";
  /** Whether workspaces without a URL can fetch their work. */
  readonly pollMode: boolean;
  /** A removed workspace returns 410 with a reason, instead of 200 with a status. */
  readonly removedIsGone: boolean;
  /** A missing tenant header returns 400 with a reason, instead of an empty 404. */
  readonly explainsMissingTenant: boolean;
  /** Only a live instance token protects the registry; API tokens alone do not. */
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

/** A time source: milliseconds since the epoch, like `Date`. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
}

/** A clock that can be advanced. */
export interface AdvancingClock extends Clock {
  /** Advances it, in ms. */
  advance(ms: number): void;
}

/** The given clock, plus the time by which it was advanced. */
export function advancing(clock: Clock): AdvancingClock {
  let offset = 0;
  return {
    now: () => clock.now() + offset,
    advance: (ms) => {
      offset += ms;
    },
  };
}
