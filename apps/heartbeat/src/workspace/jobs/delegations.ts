import type { Clock } from "../../clock.ts";
import { openResultsFile, ResultsFile } from "../../storage/results-file.ts";
import { sendMessage } from "../../transport/message.ts";
import { again, isReported, NEVER } from "../repeated.ts";
import { sortRows } from "./delegation-rows.ts";
import type { Job, JobContext } from "./job.ts";

/** Between two messages of a workspace to itself. */
const COOLDOWN_MS = 60_000;
/** How many foreign rows are remembered as reported. */
const REMEMBERED = 1_000;

export interface DelegationsOptions {
  readonly resultsPath: string;
  readonly clock: Clock;
  /** The platform rejects the token, although it may accept heartbeats, as it does for a workspace without a live token. */
  readonly onUnauthorized: (signal: AbortSignal | undefined) => Promise<void>;
}

/**
 * Fetches the finished delegations of the workspace, appends them to its results file, and announces them in a message
 * from the workspace to itself.
 */
export class Delegations implements Job {
  readonly #context: JobContext;
  readonly #onUnauthorized: DelegationsOptions["onUnauthorized"];
  readonly #path: string;
  readonly #clock: Clock;
  /** `null` before it was read, and while there is nothing in it: most workspaces never delegate. */
  #results: ResultsFile | null = null;
  #wasRead = false;
  /** Foreign rows; `null` as long as there were none. */
  #reported: Set<string> | null = null;
  #announcedAt = Number.NEGATIVE_INFINITY;
  #failed = NEVER;

  constructor(context: JobContext, { resultsPath, clock, onUnauthorized }: DelegationsOptions) {
    this.#context = context;
    this.#path = resultsPath;
    this.#clock = clock;
    this.#onUnauthorized = onUnauthorized;
  }

  async run(signal: AbortSignal | undefined): Promise<void> {
    try {
      if (!this.#wasRead) await this.#read();
      await this.#collect(signal);
      if (this.#results !== null) await this.#announce(this.#results, signal);
    } catch (error) {
      if (!(error instanceof Error && "syscall" in error)) throw error;
      const why = "code" in error ? String(error.code) : error.name;
      this.#context.emit({ type: "results-failed", path: this.#path, why });
    }
  }

  async #read(): Promise<void> {
    const results = await openResultsFile(this.#path);
    this.#results = results.isEmpty() ? null : results;
    this.#wasRead = true;
  }

  async #collect(signal: AbortSignal | undefined): Promise<void> {
    const { workspaceId, client, emit } = this.#context;
    const path = `workspaces/${workspaceId}/delegations`;
    const { outcome, reply } = await client.send({ method: "GET", path, signal });
    if (outcome.kind !== "accepted") {
      this.#failed = again(this.#failed, outcome.why);
      const { count } = this.#failed;
      emit({ type: "job-failed", what: "delegations", outcome, count });
      if (reply.status === 401 && isReported(count)) await this.#onUnauthorized(signal);
      return;
    }
    this.#failed = NEVER;
    const isKnown = (id: string) => this.#results?.has(id) || this.#reported?.has(id) || false;
    const { fresh, foreign } = sortRows(reply.body.items, workspaceId, isKnown);
    for (const id of foreign) this.#remember(id);
    if (foreign.length > 0) emit({ type: "delegations-foreign", count: foreign.length });
    if (fresh.length === 0) return;
    this.#results ??= new ResultsFile(this.#path);
    await this.#results.append(fresh);
    emit({ type: "delegations-finished", count: fresh.length, path: this.#path });
  }

  #remember(foreign: string): void {
    this.#reported ??= new Set();
    if (this.#reported.size >= REMEMBERED) this.#reported.clear();
    this.#reported.add(foreign);
  }

  async #announce(file: ResultsFile, signal: AbortSignal | undefined): Promise<void> {
    const { workspaceId, client, emit } = this.#context;
    const ids = file.unannounced();
    if (ids.length === 0 || this.#clock.monotonic() - this.#announcedAt < COOLDOWN_MS) return;
    this.#announcedAt = this.#clock.monotonic();
    // The results are another agent's text: the message says where they are, and carries none of them.
    const what = ids.length === 1 ? "A delegation has" : `${ids.length} delegations have`;
    const text = `${what} come to an end. The results are in ${file.path}.`;
    const delivery = await sendMessage(client, {
      from: workspaceId,
      to: workspaceId,
      text,
      signal,
    });
    emit({ type: "message", to: workspaceId, delivery });
    if (delivery.kind !== "failed" || !delivery.safeToRepeat) await file.announced(ids);
  }
}
