import { isAuthError } from "@x/auth-core";
import type { InboxChange, InboxLog, LoadedInbox } from "../../storage/workspace-store.ts";
import type { JobContext } from "../jobs/job.ts";
import { again, NEVER } from "../repeated.ts";
import type { InboxOptions } from "./inbox-options.ts";
import { digestOf, type ReadRow } from "./message.ts";
import { MessageSteps } from "./message-steps.ts";
import { type FeedRow, type InboxItem, InboxQueue, itemOf, itemOfAnswer } from "./queue.ts";

/** Limits on one workspace's messages in memory; the platform keeps the rest. */
const MAX_ROWS = 500;
const MAX_BYTES = 1_024 * 1_024;
const STORE_PAUSE_MS = 5_000;
/** This many unsent answers block further messages. */
const MAX_UNSENT = 8;

/** How long a running handler, and then sending its answer, may each take after a stop. */
const HANDLER_GRACE_MS = 5_000;
const SEND_GRACE_MS = 6_500;

/** The unfinished messages of one workspace, one after another. Exists only while there are any. */
export class InboxWork {
  readonly #queue = new InboxQueue();
  readonly #context: JobContext;
  readonly #options: InboxOptions;
  readonly #log: InboxLog;
  readonly #steps: MessageSteps;
  readonly #stopHandler = new AbortController();
  readonly #stopSending = new AbortController();
  /** Aborts the wait for a turn. */
  readonly #stopWaiting = new AbortController();
  #loop: Promise<void> | null = null;
  #storing = NEVER;
  /** How often handlers of an earlier process have failed, by row. */
  #failures: ReadonlyMap<string, number> | null = null;
  /** How many of its bytes count towards the runner's total. */
  #counted = 0;

  constructor(context: JobContext, options: InboxOptions, log: InboxLog) {
    this.#context = context;
    this.#options = options;
    this.#log = log;
    this.#steps = new MessageSteps({
      context,
      options,
      log,
      stopWaiting: this.#stopWaiting.signal,
      stopHandler: this.#stopHandler.signal,
      stopSending: this.#stopSending.signal,
    });
  }

  /** The message whose handler is running. */
  get handled(): InboxItem | null {
    return this.#steps.handled;
  }

  get isIdle(): boolean {
    return this.#queue.isIdle;
  }

  /** Enough messages wait: fetch no more. */
  get isFull(): boolean {
    return this.#queue.size >= MAX_ROWS || this.#queue.bytes >= MAX_BYTES;
  }

  /** What an earlier process has started. */
  resume({ answers, failures }: Pick<LoadedInbox, "answers" | "failures">): void {
    for (const answer of answers) this.#queue.restore(itemOfAnswer(answer, this.#context.client.workspaceId));
    this.#failures = new Map(failures);
    this.#countBytes();
  }

  /**
   * Adds the next message of the feed.
   *
   * @param read `null` when it is done
   */
  add(row: FeedRow, read: Extract<ReadRow, { kind: "message" }> | null): void {
    const { id } = row;
    if (this.#queue.has(id)) return;
    this.#queue.add(row, read === null ? null : itemOf(id, read, this.#failures?.get(id) ?? 0));
    this.#countBytes();
  }

  /** Adds the next row of the feed, which is no message. */
  skip(row: FeedRow): void {
    this.#queue.skip(row);
  }

  /** Does what can be done now, unless it is already doing so. */
  start(): void {
    const { turns } = this.#options.settings;
    if (this.#loop !== null || this.#isStopped) return;
    turns.begin(this);
    this.#loop = this.#run().finally(() => {
      turns.end(this);
      this.#loop = null;
    });
  }

  /** Settles when nothing more can be done now. */
  async settled(): Promise<void> {
    await this.#loop;
  }

  /** Starts no other message; settles when the current one has ended or stays unhandled. */
  async stop(): Promise<void> {
    const { clock } = this.#options;
    this.#stopWaiting.abort();
    const cancel = [
      clock.after(HANDLER_GRACE_MS, () => this.#stopHandler.abort()),
      clock.after(SEND_GRACE_MS, () => this.#stopSending.abort()),
    ];
    await this.#loop;
    for (const each of cancel) each();
    this.#countBytes(0);
  }

  get #isStopped(): boolean {
    return this.#stopWaiting.signal.aborted || this.#options.settings.turns.isStopping;
  }

  async #run(): Promise<void> {
    while (!this.#isStopped) {
      const item = this.#queue.next(this.#options.clock.monotonic());
      if (item === null || (item.step === "handle" && this.#queue.unsent() >= MAX_UNSENT)) return;
      try {
        await this.#steps.advance(item);
        if (item.step === "finish") await this.#finish(item);
        this.#storing = NEVER;
      } catch (error) {
        if (!isAuthError(error)) throw error;
        item.notBefore = this.#options.clock.monotonic() + STORE_PAUSE_MS;
        const { code, message } = error;
        this.#storing = again(this.#storing, code);
        this.#context.emit({ type: "inbox-failed", code, message, count: this.#storing.count });
      }
    }
  }

  async #finish(item: InboxItem): Promise<void> {
    const { row, answer } = item;
    const said = answer !== null && answer.to === null ? digestOf(answer.text) : undefined;
    const cursor = this.#queue.cursorWithout(item);
    const changes: InboxChange[] = [said === undefined ? { done: row } : { done: row, said }];
    if (cursor !== null) changes.push(cursorAt(cursor));
    await this.#log.append(changes);
    this.#queue.remove(item);
    this.#countBytes();
  }

  #countBytes(bytes = this.#queue.bytes): void {
    this.#options.settings.turns.waitingBytes += bytes - this.#counted;
    this.#counted = bytes;
  }
}

/** @param row it and all before it are done */
export function cursorAt({ id, createdAt }: FeedRow): InboxChange {
  const at = Date.parse(createdAt);
  return Number.isNaN(at) ? { cursor: id } : { cursor: id, at };
}
