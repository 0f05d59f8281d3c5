import { Problems } from "./problems.ts";

/** Flags for handling messages, as the command line gives them. */
export interface MessageFlags {
  /** A shell command. */
  readonly onMessage?: string;
  /** Seconds. */
  readonly inboxInterval?: string;
  /** Seconds. */
  readonly messageTimeout?: string;
  readonly messageConcurrency?: string;
}

export interface MessageSettings {
  readonly command: string;
  readonly everyMs: number;
  readonly timeoutMs: number;
  readonly concurrency: number;
}

/**
 * `null` when messages are not fetched.
 *
 * @throws ConfigError with all problems at once
 */
export function readMessageFlags(flags: MessageFlags): MessageSettings | null {
  const { onMessage, inboxInterval, messageTimeout, messageConcurrency } = flags;
  const problems = new Problems();
  const seconds = (name: string, text: string | undefined, range: Range) =>
    problems.attempt(() => 1_000 * numberIn(name, text, { ...range, unit: "a number of seconds" }), 0);
  const settings = {
    command: problems.attempt(() => commandOf(flags), ""),
    everyMs: seconds("--inbox-interval", inboxInterval, { from: 1, to: 300, byDefault: 5 }),
    timeoutMs: seconds("--message-timeout", messageTimeout, { from: 1, to: 86_400, byDefault: 300 }),
    concurrency: problems.attempt(
      () =>
        numberIn("--message-concurrency", messageConcurrency, {
          from: 1,
          to: 1_024,
          byDefault: 64,
          unit: "a whole number",
        }),
      1,
    ),
  };
  problems.throwIfAny();
  return onMessage === undefined ? null : settings;
}

interface Range {
  readonly from: number;
  readonly to: number;
  readonly byDefault: number;
}

function numberIn(
  name: string,
  text: string | undefined,
  { from, to, byDefault, unit }: Range & { readonly unit: string },
): number {
  if (text === undefined) return byDefault;
  const value = text.trim() === "" ? Number.NaN : Number(text);
  const fits = value >= from && value <= to && (unit !== "a whole number" || Number.isInteger(value));
  if (fits) return value;
  throw new Error(`${name} must be ${unit} from ${from} to ${to}.`);
}

function commandOf({ onMessage, inboxInterval, messageTimeout, messageConcurrency }: MessageFlags): string {
  if (onMessage === undefined) {
    const given = Object.entries({
      "--inbox-interval": inboxInterval,
      "--message-timeout": messageTimeout,
      "--message-concurrency": messageConcurrency,
    }).flatMap(([name, value]) => (value === undefined ? [] : name));
    if (given.length === 0) return "";
    throw new Error(`${given.join(" and ")}: without --on-message no messages are fetched.`);
  }
  if (onMessage.trim() !== "") return onMessage;
  throw new Error("--on-message must be a command, like --on-message 'python3 agent.py'.");
}
