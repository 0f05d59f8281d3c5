import type { AuthEvent, SourceReport } from "@x/auth-core";
import type { FileStorageEvent } from "@x/auth-node";
import { advice, type Outcome } from "../transport/reply.ts";
import type { WorkspaceEvent } from "../workspace/events.ts";
import { isReported } from "../workspace/repeated.ts";
import type { Action, Wait } from "../workspace/state-machine.ts";
import { describeSource, sourceName, withSourceName } from "./source-names.ts";

export interface LogMessage {
  readonly level: "trace" | "debug" | "info" | "warn" | "error";
  readonly text: string;
}

/**
 * The log message for an event. Repetitions and successes are at `debug`.
 *
 * @param isFleet true when the workspaces come from a list; default: false
 */
export function logMessage(event: WorkspaceEvent, isFleet = false): LogMessage {
  switch (event.type) {
    case "registered":
      return info("registered");
    case "heartbeat":
      return { level: "debug", text: `heartbeat accepted in ${event.latencyMs.toFixed(0)} ms` };
    case "recovered":
      return info(`heartbeats are accepted again after ${seconds(event.failedMs)}`);
    case "token-recovered":
      return info(
        `the token was rejected (401); now using the one from ${sourceName(isFleet, event.source)}, which is accepted`,
      );
    case "token-received":
      return info(`received a new token from the platform: ${event.token}`);
    case "token-saved":
      return info(`token stored in ${event.location}`);
    case "secret-saved":
      return info(`the platform's inbound secret is stored in ${event.location}`);
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
      return info(`delegations finished: ${event.count}; results appended to ${event.path}`);
    case "delegations-foreign":
      return {
        level: "warn",
        text: `dropped ${event.count} delegation rows with another workspace as their source`,
      };
    case "results-failed":
      return error(
        `cannot write the results of delegations to ${event.path} (${event.why}); retried with each heartbeat`,
      );
    case "message":
      return describeDelivery(event);
    case "token-unsaved":
      return error(
        `${event.why} It is retried with every heartbeat; do not stop this process until that succeeds.`,
      );
    case "token-unusable":
      return error(`the platform issued something that cannot be a token: ${event.why}`);
    case "clock-jump":
      return info(`nothing was sent for ${seconds(event.byMs)}; registering again`);
    case "locked-out":
      return error(lockedOut(event.rejections, event.explanation.sources, isFleet));
    case "failed":
      return failed(event);
  }
}

/** The log message for an event of the libraries. What the agent reports anyway is at `trace`. */
export function authEventMessage(event: AuthEvent | FileStorageEvent, isFleet: boolean): LogMessage {
  switch (event.type) {
    case "sources-disagree":
      return {
        level: "warn",
        text: `${event.location} holds ${event.stored}, ${sourceName(isFleet)} ${event.variable}; remove the stale one`,
      };
    case "source-failed":
      return { level: "error", text: event.error.message };
    case "token-file-exposed":
      return {
        level: "warn",
        text: `${event.path} is group- or world-readable and not ours to change; have its owner make it 0600`,
      };
    case "token-file-tightened":
      return { level: "info", text: `${event.path} was group- or world-readable; its mode is 0600 now` };
    case "token-file-written-in-place":
      return { level: "info", text: `${event.path} was written in place, not replaced: ${event.why}` };
    default:
      return { level: "trace", text: event.type };
  }
}

function failed({
  action,
  outcome,
  count,
  next,
  wait,
}: Extract<WorkspaceEvent, { type: "failed" }>): LogMessage {
  const fix = advice(outcome);
  const text = `${action} failed: ${outcome.why}${fix === null ? "" : `; ${fix}`} (${times(count)}; ${whatFollows(next, wait)})`;
  if (!isReported(count)) return { level: "debug", text };
  return { level: fix === null && outcome.kind !== "invalid" ? "warn" : "error", text };
}

/** Heartbeats may be accepted meanwhile: nothing else reports the problem then. */
function jobFailed({ what, outcome, count }: Extract<WorkspaceEvent, { type: "job-failed" }>): LogMessage {
  const fix = advice(outcome);
  const text = `${what} failed: ${outcome.why}${fix === null ? "" : `; ${fix}`} (${times(count)}; retried with a later heartbeat)`;
  if (isMalformed(outcome)) return { level: "warn", text };
  if (!isReported(count)) return { level: "debug", text };
  if (fix !== null) return { level: "error", text };
  return { level: outcome.kind === "unavailable" ? "debug" : "warn", text };
}

function whatFollows(next: Action, wait: Wait): string {
  if (wait === "interval") return "next heartbeat on schedule";
  return wait === 0 ? `${next} now` : `${next} in ${seconds(wait)}`;
}

function describeDelivery({ to, delivery }: Extract<WorkspaceEvent, { type: "message" }>): LogMessage {
  if (delivery.kind !== "failed") return { level: "debug", text: `message to ${to} ${delivery.kind}` };
  return { level: "warn", text: `message to ${to} failed: ${delivery.why}` };
}

/** A 2xx that makes no sense: nothing of it is used, and waiting does not fix it. */
const isMalformed = (outcome: Outcome) =>
  outcome.kind === "invalid" && outcome.status >= 200 && outcome.status < 300;

function lockedOut(rejections: number, sources: readonly SourceReport[], isFleet: boolean): string {
  const tried = sources
    .filter(({ source, state }) => source !== "cache" && !(source === "unsaved" && state === "empty"))
    .map((report) => describeSource(withSourceName(isFleet, report)));
  return (
    `rejected ${rejections} times in a row. Tried: ${tried.join("; ")}. ` +
    "Unless the platform has an outage, none of these sources holds the token that it accepts: issue a new one there and " +
    "store it in one of them. Heartbeats continue."
  );
}

const info = (text: string): LogMessage => ({ level: "info", text });
const error = (text: string): LogMessage => ({ level: "error", text });
const times = (count: number) => (count === 1 ? "first time" : `${count} times in a row`);
const seconds = (ms: number) => (ms < 10_000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / 1000)} s`);
