import { type EventGroup, NOTHING } from "./event-kind.ts";

export const platformEvents = {
  title: "Registrations and heartbeats",
  events: {
    REGISTERED: { levels: ["info"], what: "the platform accepted the registration", fix: NOTHING },
    REGISTER_FAILED: {
      levels: ["warn", "error", "debug"],
      what: "a registration failed; the line gives the cause and the next attempt",
      fix: "at `error`, what the line says; otherwise wait",
    },
    HEARTBEAT: { levels: ["debug"], what: "the platform accepted a heartbeat", fix: NOTHING },
    HEARTBEAT_FAILED: {
      levels: ["warn", "error", "debug"],
      what: "a heartbeat failed; the line gives the cause and the next step",
      fix: "at `error`, what the line says; otherwise wait",
    },
    RECOVERED: { levels: ["info"], what: "heartbeats are accepted again", fix: NOTHING },
    LOCKED_OUT: {
      levels: ["error"],
      what: "the token was rejected at least three times in a row; the line lists the sources tried",
      fix: "[issue a new token and store it](troubleshooting.md#persistent-401)",
    },
    REMOVED: {
      levels: ["error"],
      what: "the platform reports that the workspace was removed",
      fix: "create it again there and use its new id and token, or remove it from the list",
    },
    STATUS: { levels: ["info"], what: "the platform reports a new status for the workspace", fix: NOTHING },
    CLOCK_JUMP: {
      levels: ["info"],
      what: "nothing was sent for a while because the machine slept; the workspace registers again",
      fix: NOTHING,
    },
    RATE_LIMIT_LOW: {
      levels: ["warn"],
      what: "the platform's rate limit is too low for the intervals; the line gives the figures",
      fix: "have the limit raised",
    },
    RATE_LIMIT_TOO_LOW: {
      levels: ["error"],
      what: "not even one heartbeat per 180 s fits into the rate limit, so workspaces go offline",
      fix: "have the limit raised, or run fewer workspaces under it",
    },
  },
} as const satisfies EventGroup;

export const jobEvents = {
  title: "Agent card, status and delegations",
  events: {
    CARD_UPDATED: { levels: ["info"], what: "the agent card was sent", fix: NOTHING },
    JOB_FAILED: {
      levels: ["warn", "error", "debug"],
      what: "agent card, status check, token check, delegations or inbox failed and will be retried",
      fix: "at `error`, what the line says; otherwise wait",
    },
    DELEGATIONS_FINISHED: {
      levels: ["info"],
      what: "results of delegations were appended to the results file",
      fix: NOTHING,
    },
    DELEGATIONS_FOREIGN: {
      levels: ["warn"],
      what: "delegation rows from another workspace were dropped",
      fix: "[report it to the platform's operator](troubleshooting.md#delegations-from-another-workspace)",
    },
    RESULTS_FAILED: {
      levels: ["error", "debug"],
      what: "the results file cannot be read or written; retried",
      fix: "make the workspace's directory writable for the runner",
    },
    RESULTS_DAMAGED: {
      levels: ["warn"],
      what: "the results file has lines that are not results, which were skipped, or was emptied",
      fix: "find out what else writes to it",
    },
    MESSAGE_SENT: {
      levels: ["debug"],
      what: "the workspace's message to itself about new results was sent",
      fix: NOTHING,
    },
    MESSAGE_FAILED: { levels: ["warn"], what: "that message could not be sent", fix: "what the line says" },
  },
} as const satisfies EventGroup;
