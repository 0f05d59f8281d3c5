import { printable } from "@x/platform-client";
import type { StoredAnswer } from "../../storage/workspace-store.ts";
import type { InboxMessage, ReadRow } from "./message.ts";

/** How often a message is tried. */
export const TRIES = 3;

/** A message that waits or is being handled. */
export interface InboxItem {
  readonly row: string;
  message: InboxMessage;
  /** The message's id, sanitized for printing: its sender has chosen it. */
  readonly label: string;
  readonly mayAnswer: boolean;
  /** Approximate memory use in bytes. */
  readonly bytes: number;
  /** How often its handler has failed. */
  failures: number;
  /** Why the last attempt failed. */
  reason: string;
  /** How often sending its answer has failed, and how often because of its receiver. */
  sends: number;
  receiverFailures: number;
  /** The next step for it. */
  step: "handle" | "set-aside" | "store" | "send" | "finish";
  /** `null` when there is no answer (yet). */
  answer: StoredAnswer | null;
  /** The answer may have been sent before: by a killed process, or without the platform's confirmation. */
  isUncertain: boolean;
  /** Not before this time, on the monotonic clock. */
  notBefore: number;
}

/** @param failures how often its handler has failed before */
export function itemOf(
  row: string,
  { message, mayAnswer }: Extract<ReadRow, { kind: "message" }>,
  failures: number,
): InboxItem {
  return {
    row,
    message,
    label: printable(message.message_id, { maxLength: 64 }),
    mayAnswer,
    bytes: 512 + 2 * JSON.stringify(message.parts).length,
    failures,
    reason: "its handler failed",
    sends: 0,
    receiverFailures: 0,
    step: failures >= TRIES ? "set-aside" : "handle",
    answer: null,
    isUncertain: false,
    notBefore: Number.NEGATIVE_INFINITY,
  };
}

/** For an answer that an earlier process has stored and may have sent. */
export function itemOfAnswer(answer: StoredAnswer, workspaceId: string): InboxItem {
  const { row, to, inReplyTo, text } = answer;
  const message: InboxMessage = {
    workspace_id: workspaceId,
    message_id: inReplyTo,
    from: to === null ? { kind: "user", id: null } : { kind: "workspace", id: to },
    text: "",
    parts: [],
    received_at: "",
  };
  const item = itemOf(row, { kind: "message", message, mayAnswer: true }, 0);
  return { ...item, bytes: item.bytes + 2 * text.length, step: "send", answer, isUncertain: true };
}

/** A row of the feed. */
export interface FeedRow {
  readonly id: string;
  /** As the platform wrote it. */
  readonly createdAt: string;
}

interface Entry {
  readonly row: FeedRow;
  /** `null` when it is done. */
  item: InboxItem | null;
  readonly isMessage: boolean;
}

/**
 * The rows above the cursor, in feed order. One that waits blocks its sender's next ones only; the cursor stays below
 * it.
 */
export class InboxQueue {
  readonly #entries: Entry[] = [];
  /** Answers of an earlier process whose rows have not been fetched again. */
  readonly #restored = new Map<string, InboxItem>();
  /** Rows that were finished before they were fetched again. */
  readonly #doneBefore = new Set<string>();
  #bytes = 0;
  #waiting = 0;

  get size(): number {
    return this.#entries.length;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get isIdle(): boolean {
    return this.#waiting === 0;
  }

  /** Whether the row is known and unfinished. */
  has(row: string): boolean {
    return this.#entries.some((entry) => entry.row.id === row && entry.item !== null);
  }

  restore(item: InboxItem): void {
    this.#restored.set(item.row, item);
    this.#count(item, 1);
  }

  /** @param fetched `null` when the message is done */
  add(row: FeedRow, fetched: InboxItem | null): void {
    const item = this.#doneBefore.delete(row.id) ? null : fetched;
    if (item === null) {
      this.#pass(row, { isMessage: true });
      return;
    }
    const restored = this.#restored.get(row.id);
    if (restored === undefined) this.#count(item, 1);
    else {
      this.#restored.delete(row.id);
      restored.message = item.message;
    }
    this.#entries.push({ row: pick(row), item: restored ?? item, isMessage: true });
  }

  /** Adds a row that is no message, such as an answer of the workspace to a user. */
  skip(row: FeedRow): void {
    this.#pass(row, { isMessage: false });
  }

  /** Adds a row that needs no work. Of several such rows in sequence, the last one is enough to move the cursor. */
  #pass(row: FeedRow, { isMessage }: Pick<Entry, "isMessage">): void {
    const isFirst = this.#entries.every(({ item }) => item === null);
    const followsOther = !isMessage && this.#entries.at(-1)?.isMessage === false;
    if (isFirst || followsOther) this.#entries.pop();
    this.#entries.push({ row: pick(row), item: null, isMessage });
  }

  /** What can be done now: the first item whose sender has none before it. */
  next(now: number): InboxItem | null {
    const senders = new Set<string | null>();
    for (const item of this.#waitingItems()) {
      const sender = item.message.from.id;
      if (senders.has(sender)) continue;
      if (item.notBefore <= now) return item;
      senders.add(sender);
    }
    return null;
  }

  /** How many answers could not be sent yet. */
  unsent(): number {
    let count = 0;
    for (const { step } of this.#waitingItems()) if (step === "send") count += 1;
    return count;
  }

  /** The cursor once this item is done, too; `null` when it does not move. */
  cursorWithout(done: InboxItem): FeedRow | null {
    let cursor: FeedRow | null = null;
    for (const { row, item } of this.#entries) {
      if (item !== null && item !== done) break;
      cursor = row;
    }
    return cursor;
  }

  remove(done: InboxItem): void {
    const entry = this.#entries.find(({ item }) => item === done);
    if (entry !== undefined) entry.item = null;
    else if (this.#restored.delete(done.row)) this.#doneBefore.add(done.row);
    else return;
    this.#count(done, -1);
    const first = this.#entries.findIndex(({ item }) => item !== null);
    this.#entries.splice(0, first < 0 ? this.#entries.length : first);
  }

  *#waitingItems(): Generator<InboxItem> {
    yield* this.#restored.values();
    for (const { item } of this.#entries) if (item !== null) yield item;
  }

  #count({ bytes }: InboxItem, by: 1 | -1): void {
    this.#bytes += by * bytes;
    this.#waiting += by;
  }
}

/** Without the rest of the row, which may be long. */
const pick = ({ id, createdAt }: FeedRow): FeedRow => ({ id, createdAt });
