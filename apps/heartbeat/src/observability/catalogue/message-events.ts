import { type EventGroup, NOTHING } from "./event-kind.ts";

export const messageEvents = {
  title: "Messages",
  events: {
    MESSAGE_RECEIVED: { levels: ["debug"], what: "a message was passed to `--on-message`", fix: NOTHING },
    MESSAGE_HANDLED: {
      levels: ["debug"],
      what: "a message was handled, without an answer to send",
      fix: NOTHING,
    },
    MESSAGE_ANSWERED: { levels: ["info"], what: "an answer was sent", fix: NOTHING },
    ANSWER_FAILED: {
      levels: ["warn", "debug"],
      what: "an answer could not be sent; it is retried, or set aside if a retry cannot help",
      fix: "what the line says",
    },
    HANDLER_FAILED: {
      levels: ["warn"],
      what: "the command failed or took too long; the line says when the message is retried",
      fix: "check the command's output (`HANDLER_OUTPUT`)",
    },
    HANDLER_OUTPUT: { levels: ["info"], what: "a line of the command's standard error", fix: NOTHING },
    MESSAGE_SET_ASIDE: {
      levels: ["error"],
      what: "a message could not be handled and was moved to `failed_messages.jsonl`",
      fix: "fix the command, and ask the sender to send it again",
    },
    MESSAGE_UNREADABLE: {
      levels: ["warn"],
      what: "an inbox row without a message was skipped",
      fix: NOTHING,
    },
    INBOX_RESTARTED: {
      levels: ["warn"],
      what: "the platform no longer knows the cursor; recent rows are fetched again",
      fix: NOTHING,
    },
    INBOX_GAP: {
      levels: ["warn"],
      what: "there are more messages than the platform lists without a cursor; older ones may be missing",
      fix: "ask their senders to send them again",
    },
    INBOX_UNUSED: {
      levels: ["warn"],
      what: "the platform calls the workspace at its URL (push mode); no messages are fetched",
      fix: "leave out `--on-message`, or register the workspace in poll mode",
    },
    INBOX_FAILED: {
      levels: ["error", "debug"],
      what: "`inbox.jsonl` cannot be read or written; messages wait",
      fix: "make the workspace's directory writable for the runner",
    },
    INBOX_DAMAGED: {
      levels: ["warn"],
      what: "`inbox.jsonl` has unreadable lines, which were skipped, or was emptied; the line says which messages are handled again",
      fix: "find out what else writes to it",
    },
  },
} as const satisfies EventGroup;
