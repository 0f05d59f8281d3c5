import type { SourceReport } from "@x/auth-core";
import { advice } from "../platform/reply.ts";
import { tellsRefusal } from "./machine.ts";
import type { Notice } from "./notices.ts";

export interface LogLine {
  readonly level: "trace" | "debug" | "info" | "warn" | "error";
  readonly text: string;
}

/** What a log says of a notice. Repetitions and what goes well are told at `debug`. */
export function logLine(notice: Notice): LogLine {
  switch (notice.type) {
    case "registered":
      return info(notice.tokenIssued ? "registered; the platform issued a token" : "registered");
    case "beat":
      return { level: "debug", text: `beat accepted in ${notice.latencyMs.toFixed(0)} ms` };
    case "recovered":
      return info(`beats are accepted again after ${seconds(notice.failedMs)}`);
    case "token-recovered":
      return info(`the token was refused (401); the one from ${notice.source} is accepted and in use now`);
    case "token-adopted":
      return info(`token ${notice.token} came with the answer to a ${notice.with}`);
    case "token-saved":
      return info(`token stored in ${notice.location}`);
    case "token-unsaved":
      return error(
        `${notice.why} It is tried again with every beat; do not stop this process before that succeeds.`,
      );
    case "token-unusable":
      return error(`the platform issued something that cannot be a token: ${notice.why}`);
    case "overslept":
      return info(`nothing was sent for ${seconds(notice.byMs)}; registering again`);
    case "locked-out":
      return error(lockedOut(notice.refusals, notice.explanation.sources));
    case "failed":
      return failed(notice);
  }
}

function failed({ action, outcome, count, next, wait }: Extract<Notice, { type: "failed" }>): LogLine {
  const told = advice(outcome);
  const follow = wait === "interval" ? "next beat in its turn" : `${next} in ${seconds(wait)}`;
  const text = `${action} failed: ${outcome.why}${told === null ? "" : `; ${told}`} (${times(count)}; ${follow})`;
  if (!tellsRefusal(count)) return { level: "debug", text };
  return { level: told === null && outcome.kind !== "invalid" ? "warn" : "error", text };
}

function lockedOut(refusals: number, sources: readonly SourceReport[]): string {
  const tried = sources.filter(({ source }) => source !== "cache").map(describeSource);
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
