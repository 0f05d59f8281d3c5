import { ownMember } from "./own.ts";
import { isId } from "./results-lines.ts";
import type { InboxChange, LoadedInbox, StoredAnswer } from "./workspace-store.ts";

/** More than the platform's largest page, and more than can be handled beyond the cursor. */
const MAX_DONE = 1_000;
const MAX_SAID = 100;
/** Longer lines are skipped: 1 MiB of answer, if each of its characters has to be escaped. */
const MAX_INBOX_LINE_BYTES = 8 * 1_024 * 1_024;

/** An origin and an id. */
const MAX_OWNER_LENGTH = 512;

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
    return this.changes().map((change) => JSON.stringify(change));
  }

  changes(): InboxChange[] {
    return [
      ...(this.#start === null ? [] : [{ start: this.#start }]),
      ...(this.#cursor === null ? [] : [{ cursor: this.#cursor }]),
      ...[...this.#done].map(([done, said]) => (said === undefined ? { done } : { done, said })),
      ...[...this.#failures].map(([failed, count]) => ({ failed, count })),
      ...[...this.#answers.values()].map((answer) => ({ answer })),
    ];
  }
}

/** How many a file keeps: the last ones used. */
const MAX_OWNERS = 4;

/**
 * The inboxes in one file, by their workspace and platform, which its lines name: in the configs directory itself, both
 * may change, and nothing for one platform may get to another. Lines without a name are older; they belong to the one
 * named before, else to the first one.
 */
export class Inboxes {
  readonly #byOwner = new Map<string | null, InboxMemory>();
  #last: string | null = null;
  damagedLines = 0;

  apply({ change, of }: InboxLine): void {
    const owner = of ?? this.#last;
    const memory = this.of(owner);
    this.#last = owner;
    // The last one used comes last.
    this.#byOwner.delete(owner);
    this.#byOwner.set(owner, memory);
    memory.apply(change);
  }

  of(owner: string | null): InboxMemory {
    const memory = this.#byOwner.get(owner) ?? this.#byOwner.get(null) ?? new InboxMemory();
    this.#byOwner.delete(null);
    this.#byOwner.set(owner, memory);
    return memory;
  }

  /** The first lines of the next file. */
  lines(): string[] {
    return [...this.#byOwner]
      .slice(-MAX_OWNERS)
      .flatMap(([owner, memory]) => memory.changes().map((change) => formatChange(change, owner)));
  }
}

/** @param owner whose change it is; `null`: the file has only one */
export const formatChange = (change: InboxChange, owner: string | null): string =>
  JSON.stringify(owner === null ? change : { ...change, of: owner });

interface InboxLine {
  readonly change: InboxChange;
  readonly of?: string;
}

/** Reads the content of a file with one inbox. */
export function readInbox(bytes: Buffer): InboxMemory {
  const memory = new InboxMemory();
  for (const line of parseLines(bytes)) {
    if (line === null) memory.damagedLines += 1;
    else memory.apply(line.change);
  }
  return memory;
}

/**
 * Reads the file's content.
 *
 * @param options.isCut the first line begins before these bytes and is skipped
 */
export function readInboxes(bytes: Buffer, options: { isCut?: boolean } = {}): Inboxes {
  const inboxes = new Inboxes();
  for (const line of parseLines(bytes, options)) {
    if (line === null) inboxes.damagedLines += 1;
    else inboxes.apply(line);
  }
  return inboxes;
}

function* parseLines(bytes: Buffer, options: { isCut?: boolean } = {}): Generator<InboxLine | null> {
  let from = options.isCut ? bytes.indexOf(NEWLINE) + 1 || bytes.length : 0;
  while (from < bytes.length) {
    const newline = bytes.indexOf(NEWLINE, from);
    const to = newline < 0 ? bytes.length : newline;
    const line = bytes.subarray(from, to);
    from = to + 1;
    if (line.length === 0) continue;
    yield line.length > MAX_INBOX_LINE_BYTES ? null : parseLine(line.toString("utf8"));
  }
}

/** Agents can write to the file, too: a line is accepted only if all of it is in our format. */
function parseLine(line: string): InboxLine | null {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return null;
  }
  const change = parseChange(value);
  const of = ownMember(value, "of");
  if (change === null || of === undefined) return change && { change };
  return typeof of === "string" && of.length <= MAX_OWNER_LENGTH ? { change, of } : null;
}

function parseChange(value: unknown): InboxChange | null {
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
