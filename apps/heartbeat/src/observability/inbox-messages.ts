import { advice } from "@x/platform-client";
import type { WorkspaceEvent } from "../workspace/events.ts";
import { isReported } from "../workspace/repeated.ts";
import { cleanText } from "./clean-text.ts";
import { counted } from "./counted.ts";
import type { LogRecord } from "./log-message.ts";

const TYPES = [
  "message-received",
  "message-handled",
  "message-answered",
  "answer-failed",
  "handler-failed",
  "message-set-aside",
  "handler-output",
  "message-unreadable",
  "inbox-restarted",
  "inbox-gap",
  "inbox-unused",
  "inbox-failed",
  "inbox-damaged",
] as const;

/** Events of a workspace's messages. */
export type InboxEvent = Extract<WorkspaceEvent, { type: (typeof TYPES)[number] }>;

export const isInboxEvent = (event: WorkspaceEvent): event is InboxEvent =>
  TYPES.some((type) => type === event.type);

type Line = Omit<LogRecord, "code">;

/** An outage of a few seconds is over after as many attempts. */
const LASTING = 3;

/** The log line of an event. Row and sender ids are unchecked: a line break in one must not forge a line. */
export function inboxLine(event: InboxEvent): Line {
  switch (event.type) {
    case "message-received":
      return debug(`handling message ${event.messageId} from ${nameOf(event.from)}`);
    case "message-handled":
      return debug(`message ${event.messageId} is handled; there is no answer to send`);
    case "message-answered":
      return info(
        `answered message ${event.messageId} to ${nameOf(event.to)}: ${event.outcome.replaceAll("_", " ")}`,
      );
    case "answer-failed":
      return answerFailed(event);
    case "handler-failed": {
      const follows = event.pauseMs === null ? "it is set aside" : `retried in ${event.pauseMs / 1_000} s`;
      return warn(
        `message ${event.messageId} was not handled (attempt ${event.count}; ${follows}): ${event.reason}`,
      );
    }
    case "message-set-aside":
      return error(
        `message ${event.messageId} was set aside in ${event.location}: ${event.reason}. Once its cause is fixed, ` +
          "ask its sender to send it again",
      );
    case "handler-output":
      return info(`handler: ${event.text}`);
    case "message-unreadable":
      return warn(`row ${cleanText(event.row, "one-line")} of the inbox holds no message; it is skipped`);
    case "inbox-restarted":
      return warn(
        `the platform no longer has the inbox's cursor; fetching messages since ${new Date(event.since).toISOString()} again`,
      );
    case "inbox-gap":
      return warn(
        `the platform shows only the newest ${event.rows} rows of the inbox without a cursor; older messages may be missing`,
      );
    case "inbox-unused":
      return warn("no messages are fetched: the platform calls this workspace at its URL (push mode)");
    case "inbox-failed":
      return {
        level: isReported(event.count) ? "error" : "debug",
        text: `messages wait, because the inbox's state cannot be recorded: ${event.message} It is retried.`,
      };
    case "inbox-damaged":
      return warn(
        `skipped ${counted(event.lines, "line")} of ${event.location}, unreadable or missing${event.again === null ? "" : `; messages since ${new Date(event.again).toISOString()} are handled again`}`,
      );
  }
}

function answerFailed({
  messageId,
  to,
  failure,
  count,
}: Extract<InboxEvent, { type: "answer-failed" }>): Line {
  // Until it is sent, its sender's next messages wait.
  const isLasting = count >= LASTING && isReported(count);
  const isQuiet = failure.kind === "circuit_open" || (failure.kind === "unavailable" && !isLasting);
  const fix = advice(failure);
  const why = fix === null ? failure.message : `${failure.message}. ${fix}`;
  return {
    level: isQuiet ? "debug" : "warn",
    text: `the answer to message ${messageId} was not sent to ${nameOf(to)}: ${why}`,
  };
}

const nameOf = (id: string | null) => (id === null ? "the user" : cleanText(id, "one-line"));
const debug = (text: string): Line => ({ level: "debug", text });
const info = (text: string): Line => ({ level: "info", text });
const warn = (text: string): Line => ({ level: "warn", text });
const error = (text: string): Line => ({ level: "error", text });
