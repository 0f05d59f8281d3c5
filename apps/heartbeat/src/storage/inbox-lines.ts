import { ownMember } from "./own.ts";
import { isId } from "./results-lines.ts";
import type { InboxChange, LoadedInbox, StoredAnswer } from "./workspace-store.ts";

/** More than the platform's largest page, and than the number of messages handled beyond the cursor. */
const MAX_DONE = 1_000;
const MAX_SAID = 100;
/** Longer lines are skipped: 1 MiB of answer, if each of its characters has to be escaped. */
const MAX_INBOX_LINE_BYTES = 8 * 1_024 * 1_024;

const NEWLINE = 0x0a;

/** The content of an inbox file, line by line. */
export class InboxMemory {
  #start: number | null = null;
  #cursor: string | null = null;
  readonly #done = new Map<string, string | undefined>();
  readonly #answers = new Map<string, StoredAnswer>();
  readonly #failures = new Map<string, number>();
  damagedLines = 0;

  apply(change: InboxChange): void {
    if ("start" in change) {
      this.#start = change.start;
      this.#cursor = null;
    } else if ("cursor" in change) {
      this.#cursor = change.cursor;
      this.#start = change.at ?? this.#start;
    } else if ("answer" in change) this.#answers.set(change.answer.row, change.answer);
    else if ("failed" in change) this.#failures.set(change.failed, change.count);
    else {
      const { done, said } = change;
      this.#done.delete(done);
      this.#done.set(done, said);
      this.#answers.delete(done);
      this.#failures.delete(done);
      const [oldest = ""] = this.#done.keys();
      if (this.#done.size > MAX_DONE) this.#done.delete(oldest);
    }
  }

  loaded(): LoadedInbox {
    return {
      start: this.#start,
      cursor: this.#cursor,
      done: [...this.#done.keys()],
      said: [...this.#done.values()].filter((said) => said !== undefined).slice(-MAX_SAID),
      answers: [...this.#answers.values()],
      failures: [...this.#failures],
      damagedLines: this.damagedLines,
    };
  }

  /** The first lines of the next file. */
  lines(): string[] {
    const changes: InboxChange[] = [
      ...(this.#start === null ? [] : [{ start: this.#start }]),
      ...(this.#cursor === null ? [] : [{ cursor: this.#cursor }]),
      ...[...this.#done].map(([done, said]) => (said === undefined ? { done } : { done, said })),
      ...[...this.#failures].map(([failed, count]) => ({ failed, count })),
      ...[...this.#answers.values()].map((answer) => ({ answer })),
    ];
    return changes.map((change) => JSON.stringify(change));
  }
}

/**
 * Reads the file's content.
 *
 * @param options.isCut the first line begins before these bytes and is skipped
 */
export function readInbox(bytes: Buffer, options: { isCut?: boolean } = {}): InboxMemory {
  const memory = new InboxMemory();
  let from = options.isCut ? bytes.indexOf(NEWLINE) + 1 || bytes.length : 0;
  while (from < bytes.length) {
    const newline = bytes.indexOf(NEWLINE, from);
    const to = newline < 0 ? bytes.length : newline;
    const line = bytes.subarray(from, to);
    from = to + 1;
    if (line.length === 0) continue;
    const change = line.length > MAX_INBOX_LINE_BYTES ? null : parseChange(line.toString("utf8"));
    if (change === null) memory.damagedLines += 1;
    else memory.apply(change);
  }
  return memory;
}

/** Agents can write to the file, too: a line is accepted only if all of it is in our format. */
function parseChange(line: string): InboxChange | null {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return null;
  }
  const start = ownMember(value, "start");
  if (isTime(start)) return { start };
  const cursor = ownMember(value, "cursor");
  const at = ownMember(value, "at");
  if (isName(cursor)) return isTime(at) ? { cursor, at } : { cursor };
  const done = ownMember(value, "done");
  const said = ownMember(value, "said");
  if (isName(done)) return typeof said === "string" && said.length <= 64 ? { done, said } : { done };
  const failed = ownMember(value, "failed");
  const count = ownMember(value, "count");
  if (isName(failed) && typeof count === "number" && Number.isSafeInteger(count)) return { failed, count };
  return parseAnswer(ownMember(value, "answer"));
}

function parseAnswer(value: unknown): InboxChange | null {
  const [row, to, messageId] = [
    ownMember(value, "row"),
    ownMember(value, "to"),
    ownMember(value, "messageId"),
  ];
  const [inReplyTo, text] = [ownMember(value, "inReplyTo"), ownMember(value, "text")];
  if (!isName(row) || !(to === null || isName(to)) || !isName(messageId)) return null;
  if (typeof inReplyTo !== "string" || typeof text !== "string") return null;
  return { answer: { row, to, messageId, inReplyTo, text } };
}

const isTime = (value: unknown): value is number => Number.isFinite(value) && Number(value) >= 0;

const isName = (value: unknown): value is string => isId(value) && value !== "";
