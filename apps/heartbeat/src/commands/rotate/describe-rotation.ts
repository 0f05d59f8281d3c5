import { advice, type TokenInfo } from "@x/platform-client";
import { cleanText } from "../../observability/clean-text.ts";
import type { Rejection, RotationResult } from "../../workspace/rotation/result.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";

/** The result of a rotation. */
export function rotationExitCode({ outcome }: RotationResult): ExitCode {
  switch (outcome) {
    case "rotated":
      return EXIT.ok;
    case "locked_out":
      return EXIT.operator;
    case "unsaved":
      return EXIT.unsaved;
    default:
      return EXIT.problem;
  }
}

/** One line for an operator, and one for each token that blocks the rotation. */
export function describeRotation(result: RotationResult): string {
  switch (result.outcome) {
    case "rotated": {
      const resumed = result.isResumed ? "rotated, resuming an interrupted rotation" : "rotated";
      const stale =
        result.staleSource === undefined ? "" : `. Remove the old token from ${result.staleSource}`;
      return `${resumed}: the new token is in ${result.location}, and the platform accepts it${stale}`;
    }
    case "rejected":
      return `not rotated: ${describeRejection(result.reason)}`;
    case "failed": {
      const fix = result.failure === undefined ? null : advice(result.failure);
      return `not completed: ${sentence(result.message)} ${fix ?? "Run it again: it resumes where it stopped."}`;
    }
    case "locked_out":
      return "the platform accepts none of the known tokens: an operator must issue a token for this workspace";
    case "unsaved":
      return `the new token could not be stored, and is lost with this process: ${sentence(result.message)} An operator must issue a token for this workspace`;
  }
}

/** Sanitizes an error's message, which may name a path that an agent has chosen. */
function sentence(message: string): string {
  const text = cleanText(message, "one-line");
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

function describeRejection(reason: Rejection): string {
  switch (reason.why) {
    case "storage":
      return `a new token could not be stored. ${sentence(reason.message)}`;
    case "no_token":
      return "there is no token here. heartbeat run receives one when it registers the workspace";
    case "not_external":
      return `${sentence(reason.failure.message)} ${advice(reason.failure) ?? ""}`.trim();
    case "other_tokens": {
      const { tokens, now } = reason;
      const what = tokens.length === 1 ? "another token is live" : `${tokens.length} other tokens are live`;
      const lines = tokens.map((token) => `\n    ${describeToken(token, now)}`).join("");
      return `${what}, and would be revoked as well; --revoke-others continues${lines}`;
    }
  }
}

function describeToken({ prefix, createdAt, lastUsedAt }: TokenInfo, now: number): string {
  const used = lastUsedAt === "" ? "never used" : `last used ${ago(lastUsedAt, now)}`;
  return `${prefix}…, issued ${ago(createdAt, now)}, ${used}`;
}

const UNITS = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
] as const;

function ago(time: string, now: number): string {
  const ms = now - Date.parse(time);
  if (!Number.isFinite(ms)) return "at an unknown time";
  for (const [unit, unitMs] of UNITS) {
    const count = Math.floor(ms / unitMs);
    if (count >= 1) return `${count} ${unit}${count === 1 ? "" : "s"} ago`;
  }
  return "less than a minute ago";
}
