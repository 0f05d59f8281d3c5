/** Which generation of the platform is played: `v1` the first server, `v2` the newest one. */
export type ContractVersion = "v1" | "v2";

/** Where the generations of the platform differ, and only that. */
export interface Contract {
  readonly version: ContractVersion;
  /** How long a workspace counts as alive after its last register or heartbeat. */
  readonly livenessMs: number;
  /** Workspaces without a URL that fetch their work themselves. */
  readonly pollMode: boolean;
  /** A removed workspace answers 410 with a reason, instead of 200 with a status. */
  readonly removedIsGone: boolean;
  /** A missing tenant header answers 400 with a reason, instead of an empty 404. */
  readonly explainsMissingTenant: boolean;
}

export const contracts: Readonly<Record<ContractVersion, Contract>> = {
  v1: {
    version: "v1",
    livenessMs: 60_000,
    pollMode: false,
    removedIsGone: false,
    explainsMissingTenant: false,
  },
  v2: {
    version: "v2",
    livenessMs: 180_000,
    pollMode: true,
    removedIsGone: true,
    explainsMissingTenant: true,
  },
};

/** A workspace that polls is stale this long after its last sign of life. */
export const STALE_AFTER_MS = 90_000;

/** The pattern of a workspace id; everything else is an invalid id. */
export const WORKSPACE_ID = /^[a-z0-9][a-z0-9-]{0,127}$/;

/** Where time comes from: milliseconds since the epoch, like `Date`. */
export interface Clock {
  now(): number;
}
