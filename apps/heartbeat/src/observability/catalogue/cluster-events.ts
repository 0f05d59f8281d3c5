import { type EventGroup, NOTHING } from "./event-kind.ts";

export const clusterEvents = {
  title: "More than one machine",
  events: {
    STORE_UNREACHABLE: {
      levels: ["error"],
      what: "the runner waits for the database before it starts",
      fix: "find out why the database cannot be reached; the runner then starts without a restart",
    },
    CLUSTER_JOINED: { levels: ["info"], what: "the runner joined the fleet", fix: NOTHING },
    CLUSTER_EVICTED: {
      levels: ["warn"],
      what: "other runners took over, because this one hung or could not reach the database; it joins again",
      fix: "if it recurs, find out what stops the machine or its network",
    },
    CLUSTER_RUNNER_EVICTED: {
      levels: ["warn"],
      what: "this runner evicted another one that died or cannot reach the database",
      fix: "check the runner that the line names",
    },
    CLUSTER_SHARDS_GAINED: {
      levels: ["info"],
      what: "the runner took over this many of the 256 shards",
      fix: NOTHING,
    },
    CLUSTER_SHARDS_RELEASED: {
      levels: ["info"],
      what: "the runner released this many shards to others",
      fix: NOTHING,
    },
    CLUSTER_LEASE_EXPIRED: {
      levels: ["warn"],
      what: "the runner has no valid lease: heartbeats continue, nothing registers, no messages are handled",
      fix: "find out why the database cannot be reached",
    },
    CLUSTER_LEASE_RENEWED: { levels: ["info"], what: "the lease is valid again", fix: NOTHING },
    CLUSTER_STORE_UNREACHABLE: {
      levels: ["error"],
      what: "this runner cannot reach the database; heartbeats continue",
      fix: "find out why the database cannot be reached",
    },
    CLUSTER_STORE_REACHABLE: {
      levels: ["info"],
      what: "this runner can reach the database again",
      fix: NOTHING,
    },
    CLUSTER_TOKENS_CAUGHT_UP: {
      levels: ["info", "warn"],
      what: "tokens that only this machine had were stored; `warn` if the database holds different ones, or some could not be read",
      fix: "at `warn`, [the stored one may be newer](troubleshooting.md#a-received-token-is-not-stored-because-another-one-is); if some cannot be read, check the files in `unsaved/` of the configs directory",
    },
    CLUSTER_TOKENS_RESTORED: {
      levels: ["warn"],
      what: "the database had lost tokens that this runner knew; they are stored again",
      fix: "[if it failed over](more-than-one-machine.md), use a synchronous standby",
    },
    CLUSTER_LIST_MISMATCH: {
      levels: ["warn"],
      what: "another runner has a different list of workspaces",
      fix: "give all runners the same list",
    },
    CLUSTER_LIST_MATCH: { levels: ["info"], what: "all runners have the same list again", fix: NOTHING },
  },
} as const satisfies EventGroup;
