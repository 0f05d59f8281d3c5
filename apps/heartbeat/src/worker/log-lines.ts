import type { SourceReport } from "@x/auth-core";
import { placeName, withPlaceName } from "../place-name.ts";
import { advice, type Outcome } from "../platform/reply.ts";
import type { Action, Wait } from "./machine.ts";
import type { Notice } from "./notices.ts";
import { isTold } from "./repeated.ts";

export interface LogLine {
  readonly level: "trace" | "debug" | "info" | "warn" | "error";
  readonly text: string;
}

/**
 * What a log says of a notice. Repetitions and what goes well are told at `debug`.
 *
 * @param isFleet true when the workspaces come from a list; default: false
 */
export function logLine(notice: Notice, isFleet = false): LogLine {
  switch (notice.type) {
    case "registered":
      return info("registered");
    case "beat":
      return { level: "debug", text: `beat accepted in ${notice.latencyMs.toFixed(0)} ms` };
    case "recovered":
      return info(`beats are accepted again after ${seconds(notice.failedMs)}`);
    case "token-recovered":
      return info(
        `the token was refused (401); the one from ${placeName(isFleet, notice.source)} is accepted and in use now`,
      );
    case "token-adopted":
      return info(`token ${notice.token} came with an answer of the platform's`);
    case "token-saved":
      return info(`token stored in ${notice.location}`);
    case "secret-saved":
      return info(`the platform's inbound secret is stored in ${notice.location}`);
    case "removed":
      return error(
        "the platform says this workspace was removed: create it again there, and use its new id and token",
      );
    case "status":
      return info(`the platform takes this workspace for ${notice.status} now`);
    case "card-updated":
      return info("the agent card is updated");
    case "errand-failed":
      return errandFailed(notice);
    case "delegations-finished":
      return info(`delegations that came to an end: ${notice.count}; results appended to ${notice.path}`);
    case "delegations-foreign":
      return {
        level: "warn",
        text: `dropped ${notice.count} delegation rows with another workspace as their source`,
      };
    case "results-failed":
      return error(
        `results of delegations cannot be kept in ${notice.path} (${notice.why}); tried again with each beat`,
      );
    case "message":
      return describeDelivery(notice);
    case "token-unsaved":
      return error(
        `${notice.why} It is tried again with every beat; do not stop this process before that succeeds.`,
      );
    case "token-unusable":
      return error(`the platform issued something that cannot be a token: ${notice.why}`);
    case "overslept":
      return info(`nothing was sent for ${seconds(notice.byMs)}; registering again`);
    case "locked-out":
      return error(lockedOut(notice.refusals, notice.explanation.sources, isFleet));
    case "failed":
      return failed(notice);
  }
}

function failed({ action, outcome, count, next, wait }: Extract<Notice, { type: "failed" }>): LogLine {
  const told = advice(outcome);
  const text = `${action} failed: ${outcome.why}${told === null ? "" : `; ${told}`} (${times(count)}; ${whatFollows(next, wait)})`;
  if (!isTold(count)) return { level: "debug", text };
  return { level: told === null && outcome.kind !== "invalid" ? "warn" : "error", text };
}

/** Beats may well be accepted meanwhile: nothing else tells what is wrong then. */
function errandFailed({ what, outcome, count }: Extract<Notice, { type: "errand-failed" }>): LogLine {
  const told = advice(outcome);
  const text = `${what} failed: ${outcome.why}${told === null ? "" : `; ${told}`} (${times(count)}; again with a later beat)`;
  if (isNonsense(outcome)) return { level: "warn", text };
  if (!isTold(count)) return { level: "debug", text };
  if (told !== null) return { level: "error", text };
  return { level: outcome.kind === "unavailable" ? "debug" : "warn", text };
}

function whatFollows(next: Action, wait: Wait): string {
  if (wait === "interval") return "next beat in its turn";
  return wait === 0 ? `${next} now` : `${next} in ${seconds(wait)}`;
}

function describeDelivery({ to, delivery }: Extract<Notice, { type: "message" }>): LogLine {
  if (delivery.kind !== "failed") return { level: "debug", text: `message to ${to} ${delivery.kind}` };
  return { level: "warn", text: `message to ${to} failed: ${delivery.why}` };
}

/** An answer that should have been one, and was not: nothing of it is used, and time alone does not mend it. */
const isNonsense = (outcome: Outcome) =>
  outcome.kind === "invalid" && outcome.status >= 200 && outcome.status < 300;

function lockedOut(refusals: number, sources: readonly SourceReport[], isFleet: boolean): string {
  const tried = sources
    .filter(({ source, state }) => source !== "cache" && !(source === "unsaved" && state === "empty"))
    .map((report) => describeSource(withPlaceName(isFleet, report)));
  return (
    `refused ${refusals} times in a row. Tried: ${tried.join("; ")}. ` +
    "If the platform is not having an outage, it knows another token for this workspace: issue a new one there and " +
    "store it in one of these places. Beats go on."
  );
}

/** One source in a line: what it held, and what became of it. */
export function describeSource({ location, state, token, lastResort, reason }: SourceReport): string {
  const held = state === "failed" ? `failed: ${reason}` : state === "empty" ? "nothing" : (token ?? "");
  const fate = state === "rejected" || lastResort ? ", refused" : state === "shadowed" ? ", shadowed" : "";
  return `${location}: ${held}${fate}`;
}

const info = (text: string): LogLine => ({ level: "info", text });
const error = (text: string): LogLine => ({ level: "error", text });
const times = (count: number) => (count === 1 ? "first time" : `${count} times in a row`);
const seconds = (ms: number) => (ms < 10_000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / 1000)} s`);
