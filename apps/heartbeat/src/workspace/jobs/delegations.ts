import { isAuthError } from "@x/auth-core";
import type { FinishedDelegation, PlatformResult, Delegations as Received } from "@x/platform-client";
import type { Clock } from "../../clock.ts";
import type { ResultsLog } from "../../storage/workspace-store.ts";
import { again, NEVER } from "../repeated.ts";
import type { Job, JobContext } from "./job.ts";

/** Delay between two messages of a workspace to itself. */
const COOLDOWN_MS = 60_000;
/** How many delivered results, and how many foreign rows, are remembered. */
const REMEMBERED = 500;

export interface DelegationsContext extends JobContext {
  readonly clock: Clock;
  openResults(): ResultsLog;
}

/**
 * Fetches the finished delegations of the workspace, appends them to its results, and announces them in a message from
 * the workspace to itself.
 */
export class Delegations implements Job {
  readonly everyMs: number;
  readonly #context: DelegationsContext;
  /** `null` before it was read, and while it is empty: most workspaces never delegate. */
  #results: ResultsLog | null = null;
  #isLoaded = false;
  /**
   * `null` before the platform's first answer; without a record, the results in that answer are history and are not
   * announced.
   */
  #isHistory: boolean | null = null;
  #delivered: Set<string> | null = null;
  #foreign: Set<string> | null = null;
  #unannounced: readonly string[] = [];
  /** Announced, but not recorded, because the disk failed. */
  #unrecorded: readonly string[] = [];
  #announcedAt = Number.NEGATIVE_INFINITY;
  #failed = NEVER;
  #storing = NEVER;

  constructor(context: DelegationsContext, everyMs: number) {
    this.everyMs = everyMs;
    this.#context = context;
  }

  /** Not an async function: most workspaces never delegate, and wait for nothing but an empty answer. */
  run(signal: AbortSignal): Promise<void> {
    const isIdle = this.#isLoaded && this.#unannounced.length + this.#unrecorded.length === 0;
    if (!isIdle) return this.#run(signal);
    return this.#fetch(signal).then((result) =>
      result.ok && isQuiet(result.value) ? this.#foundNothing() : this.#run(signal, result),
    );
  }

  async #run(signal: AbortSignal, fetched?: PlatformResult<Received>): Promise<void> {
    try {
      if (!this.#isLoaded) await this.#load(signal);
      const result = fetched ?? (await this.#fetch(signal));
      if (result.ok && isQuiet(result.value)) this.#foundNothing();
      else await this.#collect(result, signal);
      if (!signal.aborted && this.#unannounced.length > 0) await this.#announce(signal);
      if (this.#unrecorded.length > 0) await this.#record();
      this.#storing = NEVER;
    } catch (error) {
      if (signal.aborted) return;
      if (!isAuthError(error)) throw error;
      // How much was written before it failed is unknown.
      this.#isLoaded = false;
      const { code, message } = error;
      this.#storing = again(this.#storing, code);
      this.#context.emit({ type: "results-failed", code, message, count: this.#storing.count });
    }
  }

  #foundNothing(): void {
    this.#failed = NEVER;
    this.#storing = NEVER;
    this.#isHistory = false;
  }

  async #load(signal: AbortSignal): Promise<void> {
    const results = this.#context.openResults();
    const { delivered, unannounced, damagedLines, isNew } = await results.load({ signal });
    this.#isLoaded = true;
    this.#isHistory ??= isNew;
    if (damagedLines > 0) {
      this.#context.emit({ type: "results-damaged", location: results.location, lines: damagedLines });
    }
    if (delivered.length + unannounced.length === 0) return;
    this.#results = results;
    this.#delivered = new Set(delivered);
    this.#unannounced = unannounced.filter((id) => !this.#unrecorded.includes(id));
  }

  #fetch(signal: AbortSignal): Promise<PlatformResult<Received>> {
    const { client } = this.#context;
    if (this.#delivered === null && this.#foreign === null) return client.delegations({ signal });
    const isKnown = (id: string) => this.#delivered?.has(id) || this.#foreign?.has(id) || false;
    return client.delegations({ signal, isKnown });
  }

  async #collect(result: PlatformResult<Received>, signal: AbortSignal): Promise<void> {
    if (!result.ok) {
      if (signal.aborted) return;
      this.#failed = again(this.#failed, result.failure.code);
      const { failure } = result;
      this.#context.emit({ type: "job-failed", job: "delegations", failure, count: this.#failed.count });
      return;
    }
    this.#failed = NEVER;
    const { finished, foreign, count } = result.value;
    for (const id of foreign) this.#foreign = remember(this.#foreign, id);
    if (foreign.length > 0) this.#context.emit({ type: "delegations-foreign", count: foreign.length });
    if (this.#isHistory) {
      // Starts a record if there is anything that the next start could mistake for history.
      if (count > 0) await this.#remember(finished, signal);
      this.#isHistory = false;
    } else if (finished.length > 0) await this.#deliver(finished, signal);
  }

  async #remember(finished: readonly FinishedDelegation[], signal: AbortSignal): Promise<void> {
    this.#results ??= this.#context.openResults();
    await this.#results.markAnnounced(
      finished.map(({ id }) => id),
      { signal },
    );
    for (const { id } of finished) this.#delivered = remember(this.#delivered, id);
  }

  async #deliver(finished: readonly FinishedDelegation[], signal: AbortSignal): Promise<void> {
    this.#results ??= this.#context.openResults();
    await this.#results.append(
      finished.map((delegation) => ({ ...delegation })),
      { signal },
    );
    for (const { id } of finished) this.#delivered = remember(this.#delivered, id);
    this.#unannounced = [...this.#unannounced, ...finished.map(({ id }) => id)];
    const { location } = this.#results;
    this.#context.emit({ type: "delegations-finished", count: finished.length, location });
  }

  async #announce(signal: AbortSignal): Promise<void> {
    const { client, clock } = this.#context;
    const results = this.#results;
    const ids = this.#unannounced;
    if (results === null || ids.length === 0 || clock.monotonic() - this.#announcedAt < COOLDOWN_MS) return;
    this.#announcedAt = clock.monotonic();
    // The results are another agent's text: the message says where they are, but does not contain them.
    const what = ids.length === 1 ? "A delegation has" : `${ids.length} delegations have`;
    const text = `${what} finished. The results are in ${results.location}.`;
    const result = await client.sendMessage({ to: client.workspaceId, text, signal });
    if (result.ok)
      this.#context.emit({ type: "message-sent", to: client.workspaceId, outcome: result.value.outcome });
    else if (!signal.aborted)
      this.#context.emit({ type: "message-failed", to: client.workspaceId, failure: result.failure });
    if (!result.ok && result.failure.sent === "no") return;
    this.#unannounced = this.#unannounced.filter((id) => !ids.includes(id));
    this.#unrecorded = [...this.#unrecorded, ...ids].slice(-REMEMBERED);
  }

  async #record(): Promise<void> {
    const ids = this.#unrecorded;
    await this.#results?.markAnnounced(ids);
    this.#unrecorded = [];
  }
}

/** Nothing in it needs work, which is nearly always so for most workspaces. */
const isQuiet = ({ finished, foreign, count }: Received): boolean =>
  finished.length + foreign.length + count === 0;

/** Adds an id; beyond the limit, the oldest is dropped. */
function remember(ids: Set<string> | null, id: string): Set<string> {
  const remembered = ids ?? new Set();
  remembered.add(id);
  const [oldest] = remembered;
  if (remembered.size > REMEMBERED && oldest !== undefined) remembered.delete(oldest);
  return remembered;
}
