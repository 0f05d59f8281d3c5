/** What has been counted so far. */
export interface Counters {
  requests: number;
  /** Requests that reached the platform: those that no outage met. */
  processed: number;
  /** Processed, and the answer lost. */
  lostAnswers: number;
  /** Heartbeats after which the platform took the workspace for alive, whether or not the answer arrived. */
  heartbeats: number;
  /** Heartbeats answered 200 that changed nothing, because liveness had run out and only a registration brings it back. */
  heartbeatsInVain: number;
  registrations: number;
  rotations: number;
  /** All tokens of a workspace revoked, and none issued: until the next rotation it is let in without one. */
  revocations: number;
  /** 401s of a platform that was up. */
  rejections: number;
  /** A 401, and the same request accepted with another token. */
  recoveries: number;
  /** Tokens in answers, lost ones among them. */
  issued: number;
  /** Tokens in lost answers that left their workspace without any it could have; the next rotation ends that. */
  issuedInVain: number;
  /** Workspaces taken out of the list and put back, as in a restart of theirs. */
  restarts: number;
  /** Requests that no platform should get: to another origin, a heartbeat without all its fields, a registration that makes a push workspace poll. Must stay 0. */
  malformed: number;
  /** Own delegations that came to an end. */
  finished: number;
  /** Rows in the name of another workspace. */
  foreign: number;
  /** Results that the runner said it had appended. */
  delivered: number;
  /** Messages of workspaces to themselves that the platform took. */
  messages: number;
  /** How many results those messages announced. */
  announced: number;
  /** Messages that the platform had taken before. Must stay 0. */
  repeatedMessages: number;
}

export const newCounters = (): Counters => ({
  requests: 0,
  processed: 0,
  lostAnswers: 0,
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
