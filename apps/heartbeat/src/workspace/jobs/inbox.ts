import { isAuthError } from "@x/auth-core";
import type { ActivityRow, DeliveryMode, PlatformFailure } from "@x/platform-client";
import { elapsedMs, type Moment, momentOf } from "../../clock.ts";
import type { InboxLog } from "../../storage/workspace-store.ts";
import type { InboxOptions } from "../inbox/inbox-options.ts";
import { cursorAt, InboxWork } from "../inbox/inbox-work.ts";
import { readRow } from "../inbox/message.ts";
import { again, NEVER } from "../repeated.ts";
import type { Job, JobContext } from "./job.ts";

/**
 * Without a record of the inbox on this machine, and after a lost cursor, messages of the last ten minutes count as
 * new.
 */
const RECENT_MS = 600_000;
/** Rows per page; a page without a cursor shows only the newest rows, as many as the platform allows. */
const PAGE = 50;
const FIRST_PAGE = 500;
const LONGEST_PAUSE_MS = 300_000;

const FEED = "a2a_receive";

/**
 * Fetches the workspace's messages, oldest first, and has them handled. Small while there are none, as for most
 * workspaces.
 */
export class InboxJob implements Job {
  readonly kind = "inbox";
  readonly #context: JobContext;
  readonly #options: InboxOptions;
  readonly #startedAt: Moment;
  /** `null` before it was read, and when it must be read again. */
  #position: { start: number; cursor: string | null } | null = null;
  /** Earlier finished rows above the position; `null` when there can be none. */
  #done: ReadonlySet<string> | null = null;
  #work: InboxWork | null = null;
  #isClosed = false;
  /** The platform calls the workspace with its messages; the feed shows them, too. */
  #isPush = false;
  /** The factor by which pages are smaller than usual, because their rows are long. */
  #shrink = 1;
  #hasMore = false;
  #failed = NEVER;
  #storing = NEVER;

  constructor(context: JobContext, options: InboxOptions) {
    this.#context = context;
    this.#options = options;
    this.#startedAt = momentOf(options.clock);
  }

  /** Immediate while there is more to fetch and room for it; with growing delays while it fails. */
  get everyMs(): number {
    const { everyMs } = this.#options.settings;
    if (this.#isPush) return everyMs;
    if (this.#failed.count > 0) return pauseAfter(this.#failed.count, everyMs);
    return this.#hasMore && !this.#isFull() ? 0 : everyMs;
  }

  /** Display name of the message being handled; `null` for none. */
  currentTask(): string | null {
    const item = this.#work?.handled ?? null;
    return item && `message ${item.label} from ${item.message.from.id ?? "the user"}`;
  }

  /** Starts no other message; settles when the current one has ended, within five seconds. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#work?.stop();
  }

  /** Settles when nothing more can be done now. */
  async settled(): Promise<void> {
    await this.#work?.settled();
  }

  /** @param mode what the platform said at the registration; `null`: nothing */
  registered(mode: DeliveryMode | null): void {
    if (mode === null) return;
    const isPush = mode === "push";
    if (isPush && !this.#isPush) this.#context.emit({ type: "inbox-unused" });
    this.#isPush = isPush;
  }

  async run(signal: AbortSignal): Promise<void> {
    if (this.#isClosed || this.#options.settings.turns.isStopping) return;
    // What was fetched before still has to be handled.
    if (this.#isPush) return this.#work?.start();
    try {
      if (this.#position === null) await this.#load(signal);
      if (!this.#isFull() || this.#work === null) await this.#fetch(signal);
      this.#storing = NEVER;
    } catch (error) {
      if (signal.aborted) return;
      if (!isAuthError(error)) throw error;
      const { code, message } = error;
      this.#storing = again(this.#storing, code);
      this.#context.emit({ type: "inbox-failed", code, message, count: this.#storing.count });
    }
    if (this.#isClosed) return this.#work?.stop();
    if (this.#work?.isIdle === true && this.#done === null) this.#work = null;
    this.#work?.start();
  }

  async #load(signal: AbortSignal): Promise<void> {
    const log = this.#options.openLog();
    const loaded = await log.load({ signal });
    const { damagedLines, start, cursor, done, answers, failures } = loaded;
    const since = start ?? (await this.#recent());
    if (damagedLines > 0) {
      const again = start === null ? since : null;
      this.#context.emit({ type: "inbox-damaged", location: log.location, lines: damagedLines, again });
    }
    if (start === null && cursor === null) await log.append([{ start: since }], { signal });
    this.#position = { start: since, cursor };
    this.#done = new Set(done);
    if (answers.length + failures.length > 0) this.#workOn(log).resume(loaded);
  }

  /** Ten minutes before this runner got the workspace. */
  async #recent(): Promise<number> {
    const { clock, settings } = this.#options;
    const own = clock.wall() - elapsedMs(this.#startedAt, momentOf(clock));
    const since = (await settings.since?.()) ?? own;
    return Math.floor(Math.min(own, since) - RECENT_MS);
  }

  async #fetch(signal: AbortSignal): Promise<void> {
    const position = this.#position;
    if (position === null) return;
    const { cursor } = position;
    const { client } = this.#context;
    const limit = Math.ceil(PAGE / this.#shrink);
    this.#hasMore = false;
    if (cursor === null) return this.#fetchRecent(position, signal);
    const result = await client.activity({ type: FEED, sinceId: cursor, limit, signal });
    if (!result.ok) return this.#fetchFailed(result.failure, signal);
    this.#failed = NEVER;
    this.#shrink = 1;
    this.#take(result.value);
    this.#hasMore ||= result.value.length >= limit;
    if (!this.#hasMore) this.#done = null;
  }

  /** Without a cursor the platform shows the newest rows, newest first. */
  async #fetchRecent({ start }: { start: number }, signal: AbortSignal): Promise<void> {
    const { client } = this.#context;
    const { clock } = this.#options;
    // Done first, so that rows that arrive meanwhile are above it.
    const newest = await client.activity({ type: FEED, limit: 1, signal });
    if (!newest.ok) return this.#fetchFailed(newest.failure, signal);
    const [last] = newest.value;
    if (last === undefined) {
      this.#failed = NEVER;
      return;
    }
    const limit = Math.ceil(FIRST_PAGE / this.#shrink);
    const now = clock.wall();
    // A start in the future comes from a clock that was ahead, this machine's or the last owner's.
    const since = start <= now ? start : await this.#recent();
    const sinceSecs = Math.max(1, Math.ceil((now - since) / 1_000));
    const recent = await client.activity({ type: FEED, sinceSecs, limit, signal });
    if (!recent.ok) return this.#fetchFailed(recent.failure, signal);
    this.#failed = NEVER;
    this.#shrink = 1;
    const rows = [...recent.value].reverse();
    if (rows.length >= limit) this.#context.emit({ type: "inbox-gap", rows: rows.length });
    if (rows.length > 0) this.#take(rows);
    else {
      await this.#options.openLog().append([cursorAt(last)], { signal });
      this.#position = { start, cursor: last.id };
    }
    this.#done = this.#hasMore ? this.#done : null;
  }

  /** @param rows oldest first */
  #take(rows: readonly ActivityRow[]): void {
    const { workspaceId } = this.#context.client;
    for (const row of rows) {
      if (this.#isFull()) {
        this.#hasMore = true;
        return;
      }
      const { id } = row;
      const read = readRow(row, workspaceId);
      if (read.kind === "unreadable") this.#context.emit({ type: "message-unreadable", row: id });
      const work = this.#workOn(this.#options.openLog());
      if (read.kind === "message") work.add(row, this.#done?.has(id) === true ? null : read);
      else work.skip(row);
      if (this.#position !== null) this.#position.cursor = id;
    }
  }

  #workOn(log: InboxLog): InboxWork {
    this.#work ??= new InboxWork(this.#context, this.#options, log);
    return this.#work;
  }

  #isFull(): boolean {
    return this.#options.settings.turns.isFull || this.#work?.isFull === true;
  }

  async #fetchFailed(failure: PlatformFailure, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    if (failure.code === "CURSOR_NOT_FOUND") return this.#restart(signal);
    if (failure.code === "RESPONSE_TOO_LONG" && this.#shrink < FIRST_PAGE) {
      // Many long messages: fetch fewer at a time.
      this.#shrink *= 8;
      this.#hasMore = true;
      return;
    }
    this.#failed = again(this.#failed, failure.code);
    this.#context.emit({ type: "job-failed", job: "inbox", failure, count: this.#failed.count });
  }

  /** As on a machine without a record, but finished messages stay finished. */
  async #restart(signal: AbortSignal): Promise<void> {
    const log = this.#options.openLog();
    const start = Math.min(await this.#recent(), this.#position?.start ?? Number.POSITIVE_INFINITY);
    await log.append([{ start }], { signal });
    this.#context.emit({ type: "inbox-restarted", since: start });
    const { done } = await log.load({ signal });
    this.#position = { start, cursor: null };
    this.#done = new Set(done);
    this.#hasMore = true;
  }
}

/** Doubles with each failure. */
const pauseAfter = (failures: number, everyMs: number): number =>
  Math.max(everyMs, Math.min(LONGEST_PAUSE_MS, everyMs * 2 ** Math.min(failures - 1, 16)));
