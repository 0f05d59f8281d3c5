import { advice, needsAction, type PlatformFailure } from "@x/platform-client";
import type { WorkspaceEvent } from "../workspace/events.ts";
import { isReported } from "../workspace/repeated.ts";
import type { Action, Wait } from "../workspace/state-machine.ts";
import { codeOf, type LogCode } from "./catalogue/catalogue.ts";
import { counted } from "./counted.ts";
import { inboxLine, isInboxEvent } from "./inbox-messages.ts";
import type { LogRecord } from "./log-message.ts";
import { describeSource } from "./source-report.ts";

type Line = Omit<LogRecord, "code">;

/** The log message for an event of a workspace. Repetitions and successes are at `debug`. */
export function logMessage(event: WorkspaceEvent): LogRecord {
  return { code: codeWithCause(event), ...lineOf(event) };
}

const FAILED = { register: "REGISTER_FAILED", heartbeat: "HEARTBEAT_FAILED" } as const;

/** The code of a failed registration or heartbeat, with its cause. */
export const failureCode = (action: Action, { code }: PlatformFailure): LogCode =>
  `${FAILED[action]}:${code}`;

/** The code of a failure: what failed and why. */
function codeWithCause(event: WorkspaceEvent): LogCode {
  switch (event.type) {
    case "failed":
      return failureCode(event.action, event.failure);
    case "job-failed":
    case "message-failed":
    case "answer-failed":
      return `${codeOf(event.type)}:${event.failure.code}`;
    default:
      return codeOf(event.type);
  }
}

function lineOf(event: WorkspaceEvent): Line {
  if (isInboxEvent(event)) return inboxLine(event);
  switch (event.type) {
    case "registered":
      return info("registered");
    case "heartbeat":
      return { level: "debug", text: `heartbeat accepted in ${event.latencyMs.toFixed(0)} ms` };
    case "recovered":
      return info(`heartbeats are accepted again after ${seconds(event.failedMs)}`);
    case "token-recovered":
      return info(`the token was rejected (401); now using the one from ${event.source}, which is accepted`);
    case "token-received":
      return info(`received a new token from the platform: ${event.token}`);
    case "token-saved":
      return info(`token stored in ${event.location}`);
    case "token-unsaved":
      return { level: isReported(event.count) ? "error" : "debug", text: tokenUnsaved(event) };
    case "spilled-token-unreadable":
      return {
        level: isReported(event.count) ? "error" : "debug",
        text: `a token that could only be stored there may be the one that the platform accepts: ${event.message} It is retried until heartbeats are accepted.`,
      };
    case "token-unusable":
      return error(
        `the platform issued something that cannot be a token: ${event.message} Report it to the platform's operator.`,
      );
    case "secret-saved":
      return info(`the platform's inbound secret is stored in ${event.location}`);
    case "secret-unsaved":
      return {
        level: isReported(event.count) ? "error" : "debug",
        text: `the platform's inbound secret is not stored: ${event.message} It is retried with every heartbeat.`,
      };
    case "storage-not-writable":
      return {
        level: "warn",
        text: `a new token could not be stored now: ${event.message} Registering with the current token.`,
      };
    case "registration-unanswered":
      return {
        level: "warn",
        text: "stopped before the platform answered the registration: if it issued a token, that token is lost, and an operator must issue another one",
      };
    case "removed":
      return error(
        "the platform says this workspace was removed: create it again there, and use its new id and token",
      );
    case "status":
      return info(`the platform now reports this workspace as ${event.status}`);
    case "card-updated":
      return info("the agent card is updated");
    case "job-failed":
      return jobFailed(event);
    case "delegations-finished":
      return info(`delegations finished: ${event.count}; results appended to ${event.location}`);
    case "delegations-foreign":
      return {
        level: "warn",
        text: `dropped ${counted(event.count, "delegation row")} with another workspace as their source`,
      };
    case "results-failed":
      return {
        level: isReported(event.count) ? "error" : "debug",
        text: `the results of delegations cannot be stored: ${event.message} It is retried (${times(event.count)}).`,
      };
    case "results-damaged":
      return {
        level: "warn",
        text: `skipped ${counted(event.lines, "line")} of ${event.location}, unreadable or missing; results may be announced again`,
      };
    case "message-sent":
      return { level: "debug", text: `message to ${event.to}: ${event.outcome.replaceAll("_", " ")}` };
    case "message-failed":
      return { level: "warn", text: `message to ${event.to} failed: ${event.failure.message}` };
    case "clock-jump":
      return info(`nothing was sent for ${seconds(event.byMs)}; registering again`);
    case "locked-out":
      return error(lockedOut(event));
    case "failed":
      return failed(event);
  }
}

function tokenUnsaved({
  cause,
  message,
  spilledTo,
}: Extract<WorkspaceEvent, { type: "token-unsaved" }>): string {
  if (spilledTo === null) {
    return `${message} It is retried with every heartbeat; do not stop this process until that succeeds.`;
  }
  if (cause === "STORAGE_CONFLICT") {
    return `${message} It is used when the stored one is rejected. If the stored one is right, remove ${spilledTo}.`;
  }
  return `${message} Until that succeeds it is kept in ${spilledTo}, and retried with every heartbeat.`;
}

function failed({ action, failure, count, next, wait }: Extract<WorkspaceEvent, { type: "failed" }>): Line {
  const text = `${action} failed: ${withAdvice(failure)} (${times(count)}; ${whatFollows(next, wait)})`;
  if (!isReported(count)) return { level: "debug", text };
  return { level: needsOperator(failure) ? "error" : "warn", text };
}

/** Heartbeats may be accepted meanwhile, so nothing else reports the problem. */
function jobFailed({ job, failure, count }: Extract<WorkspaceEvent, { type: "job-failed" }>): Line {
  const text = `${job} failed: ${withAdvice(failure)} (${times(count)}; retried later)`;
  if (!isReported(count)) return { level: "debug", text };
  if (failure.kind === "unavailable" || failure.kind === "circuit_open") return { level: "debug", text };
  return { level: needsOperator(failure) ? "error" : "warn", text };
}

/** After a rejected token the runner registers; if that does not help, `locked-out` reports it. */
const needsOperator = (failure: PlatformFailure) => failure.kind !== "unauthorized" && needsAction(failure);

function withAdvice(failure: PlatformFailure): string {
  const fix = advice(failure);
  return fix === null ? failure.message : `${failure.message}. ${fix}`;
}

function whatFollows(next: Action, wait: Wait): string {
  if (wait === "interval") return `next ${next === "heartbeat" ? "heartbeat" : "attempt"} on schedule`;
  return wait === 0 ? `${next} now` : `${next} in ${seconds(wait)}`;
}

function lockedOut({ rejections, explanation }: Extract<WorkspaceEvent, { type: "locked-out" }>): string {
  const tried = explanation.sources
    .filter(({ source, state }) => source !== "cache" && !(source === "unsaved" && state === "empty"))
    .map(describeSource);
  return (
    `rejected ${rejections} times in a row. Tried: ${tried.join("; ")}. ` +
    "Unless the platform has an outage, none of these sources holds the token that it accepts: issue a new one there and " +
    "store it in one of them. Heartbeats continue."
  );
}

const info = (text: string): Line => ({ level: "info", text });
const error = (text: string): Line => ({ level: "error", text });
const times = (count: number) => (count === 1 ? "first time" : `${count} times in a row`);
const seconds = (ms: number) => (ms < 10_000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / 1000)} s`);
