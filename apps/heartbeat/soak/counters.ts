/** The counts so far. */
export interface Counters {
  requests: number;
  /** Requests that reached the platform outside of outages. */
  processed: number;
  /** Processed, but the answer was lost. */
  lostAnswers: number;
  /** Answered in the platform's place by what no platform answers. */
  hostileAnswers: number;
  /** Heartbeats after which the platform took the workspace for alive, whether or not the answer arrived. */
  heartbeats: number;
  /** Heartbeats answered 200 without effect, because liveness had expired and only a registration restores it. */
  heartbeatsInVain: number;
  registrations: number;
  rotations: number;
  /** All tokens of a workspace revoked without a new one: until the next rotation, it is admitted without a token. */
  revocations: number;
  /** 401s while the platform was up. */
  rejections: number;
  /** A 401, and the same request accepted with another token. */
  recoveries: number;
  /** Tokens in answers, including lost ones. */
  issued: number;
  /** Tokens in lost answers that left their workspace without a usable token, until the next rotation. */
  issuedInVain: number;
  /** Workspaces removed from the list and added again, like a restart. */
  restarts: number;
  /**
   * Requests that no platform should receive: to another origin, a heartbeat without all its fields, or a registration
   * that makes a push workspace poll. Must stay 0.
   */
  malformed: number;
  /** Own delegations that finished. */
  finished: number;
  /** Rows in another workspace's name. */
  foreign: number;
  /** Results that the runner reported as appended. */
  delivered: number;
  /** Messages of workspaces to themselves that the platform accepted. */
  messages: number;
  /** How many results those messages announced. */
  announced: number;
  /** Messages that the platform had already accepted. Must stay 0. */
  repeatedMessages: number;
}

export const newCounters = (): Counters => ({
  requests: 0,
  processed: 0,
  lostAnswers: 0,
  hostileAnswers: 0,
  heartbeats: 0,
  heartbeatsInVain: 0,
  registrations: 0,
  rotations: 0,
  revocations: 0,
  rejections: 0,
  recoveries: 0,
  issued: 0,
  issuedInVain: 0,
  restarts: 0,
  malformed: 0,
  finished: 0,
  foreign: 0,
  delivered: 0,
  messages: 0,
  announced: 0,
  repeatedMessages: 0,
});
