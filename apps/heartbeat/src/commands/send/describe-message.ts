import { advice, type MessageOutcome, type PlatformFailure, type PlatformResult } from "@x/platform-client";
import { EXIT, type ExitCode } from "../exit-codes.ts";

/** The result of `heartbeat send`. */
export function messageExitCode(result: PlatformResult<MessageOutcome>): ExitCode {
  if (result.ok) return EXIT.ok;
  const { sent, code } = result.failure;
  if (sent === "no") return EXIT.problem;
  return code === "RECEIVER_ERROR" ? EXIT.answered : EXIT.unknown;
}

interface Message {
  /** The receiver's id. */
  readonly to: string;
  readonly messageId: string;
}

/** The result of a message, for people. */
export function describeMessage(result: PlatformResult<MessageOutcome>, { to, messageId }: Message): string {
  if (!result.ok) return describeFailure(result.failure, { to, messageId });
  switch (result.value.outcome) {
    case "delivered":
      return `delivered to ${to}`;
    case "queued_for_poll":
      return `queued for ${to}, which fetches it with its next poll`;
    case "queued_by_platform":
      return `queued by the platform until ${to} is free`;
  }
}

function describeFailure(failure: PlatformFailure, { to, messageId }: Message): string {
  const fix = advice(failure);
  switch (failure.sent) {
    case "no":
      return `not delivered: ${failure.message}${repetition(failure)}${fix === null ? "" : `. ${fix}`}`;
    case "yes":
      if (failure.code === "RECEIVER_ERROR") {
        return `delivered to ${to}, which answered with an error: ${failure.message}`;
      }
      break;
    case "maybe":
      break;
  }
  return `it may have arrived: ${failure.message}. To resend it, use --message-id ${messageId}: the platform treats both as one message`;
}

function repetition({ kind, retryAfterMs }: PlatformFailure): string {
  if (kind !== "unavailable" && kind !== "circuit_open") return "";
  const safe = "; sending it again is safe";
  return retryAfterMs === 0
    ? safe
    : `${safe} in ${Math.ceil(retryAfterMs / 1_000)} s; --wait retries for up to 5 minutes`;
}
