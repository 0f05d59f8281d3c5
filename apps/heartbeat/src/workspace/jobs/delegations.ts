import { isAuthError } from "@x/auth-core";
import type { FinishedDelegation } from "@x/platform-client";
import type { Clock } from "../../clock.ts";
import type { ResultsLog } from "../../storage/workspace-store.ts";
import { again, NEVER } from "../repeated.ts";
import type { Job, JobContext } from "./job.ts";

/** Between two messages of a workspace to itself. */
const COOLDOWN_MS = 60_000;
/** How many delivered results, and how many foreign rows, are remembered. */
const REMEMBERED = 500;

export interface DelegationsOptions {
  readonly everyMs: number;
  readonly openResults: () => ResultsLog;
  readonly clock: Clock;
  /** Called when the platform rejects the token, although it may accept heartbeats: as it does where no token is live. */
  readonly onUnauthorized: (signal: AbortSignal) => Promise<void>;
}

/**
 * Fetches the finished delegations of the workspace, appends them to its results, and announces them in a message from
 * the workspace to itself.
 */
export class Delegations implements Job {
  readonly everyMs: number;
  readonly #context: JobContext;
  readonly #options: DelegationsOptions;
  /** `null` before it was read, and while there is nothing in it: most workspaces never delegate. */
  #results: ResultsLog | null = null;
  #isLoaded = false;
  #delivered: Set<string> | null = null;
  #foreign: Set<string> | null = null;
  #unannounced: readonly string[] = [];
  #announcedAt = Number.NEGATIVE_INFINITY;
  #failed = NEVER;
  #storing = NEVER;

  constructor(context: JobContext, options: DelegationsOptions) {
    this.everyMs = options.everyMs;
    this.#context = context;
    this.#options = options;
  }

  async run(signal: AbortSignal): Promise<void> {
    try {
      if (!this.#isLoaded) await this.#load(signal);
      await this.#collect(signal);
      if (!signal.aborted) await this.#announce(signal);
      this.#storing = NEVER;
    } catch (error) {
      if (signal.aborted) return;
      if (!isAuthError(error)) throw error;
      // What was written before it failed is not known.
      this.#isLoaded = false;
      const { code, message } = error;
      this.#storing = again(this.#storing, code);
      this.#context.emit({ type: "results-failed", code, message, count: this.#storing.count });
    }
  }

  async #load(signal: AbortSignal): Promise<void> {
    const results = this.#options.openResults();
    const { delivered, unannounced, damagedLines } = await results.load({ signal });
    this.#isLoaded = true;
    if (damagedLines > 0) {
      this.#context.emit({ type: "results-damaged", location: results.location, lines: damagedLines });
    }
    if (delivered.length + unannounced.length === 0) return;
    this.#results = results;
    this.#delivered = new Set(delivered);
    this.#unannounced = unannounced;
  }

  async #collect(signal: AbortSignal): Promise<void> {
    const { client, emit } = this.#context;
    const isKnown = (id: string) => this.#delivered?.has(id) || this.#foreign?.has(id) || false;
    const result = await client.delegations({ signal, isKnown });
    if (!result.ok) {
      if (signal.aborted) return;
      this.#failed = again(this.#failed, result.failure.code);
      emit({ type: "job-failed", job: "delegations", failure: result.failure, count: this.#failed.count });
      if (result.failure.kind === "unauthorized") await this.#options.onUnauthorized(signal);
      return;
    }
    this.#failed = NEVER;
    const { finished, foreign } = result.value;
    for (const id of foreign) this.#foreign = remember(this.#foreign, id);
    if (foreign.length > 0) emit({ type: "delegations-foreign", count: foreign.length });
    if (finished.length > 0) await this.#deliver(finished, signal);
  }

  async #deliver(finished: readonly FinishedDelegation[], signal: AbortSignal): Promise<void> {
    this.#results ??= this.#options.openResults();
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
    const { client, emit } = this.#context;
    const { clock } = this.#options;
    const results = this.#results;
    const ids = this.#unannounced;
    if (results === null || ids.length === 0 || clock.monotonic() - this.#announcedAt < COOLDOWN_MS) return;
    this.#announcedAt = clock.monotonic();
    // The results are another agent's text: the message says where they are, and carries none of them.
    const what = ids.length === 1 ? "A delegation has" : `${ids.length} delegations have`;
    const text = `${what} finished. The results are in ${results.location}.`;
    const result = await client.sendMessage({ to: client.workspaceId, text, signal });
    if (result.ok) emit({ type: "message-sent", to: client.workspaceId, outcome: result.value.outcome });
    else if (!signal.aborted)
      emit({ type: "message-failed", to: client.workspaceId, failure: result.failure });
    if (!result.ok && result.failure.sent === "no") return;
    await results.markAnnounced(ids);
    this.#unannounced = this.#unannounced.filter((id) => !ids.includes(id));
  }
}

/** Adds an id; of too many the oldest is forgotten. */
function remember(ids: Set<string> | null, id: string): Set<string> {
  const remembered = ids ?? new Set();
  remembered.add(id);
  const [oldest] = remembered;
  if (remembered.size > REMEMBERED && oldest !== undefined) remembered.delete(oldest);
  return remembered;
}
