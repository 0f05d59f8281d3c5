import type { Clock } from "../clock.ts";
import { sendMessage } from "../platform/message.ts";
import type { Errand, ErrandContext } from "../worker/errands/errand.ts";
import { again, isTold, NEVER } from "../worker/repeated.ts";
import { openResultsFile, ResultsFile } from "./results-file.ts";
import { sortRows } from "./rows.ts";

/** Between two messages of a workspace to itself. */
const COOLDOWN_MS = 60_000;
/** How many foreign rows are remembered as reported. */
const REMEMBERED = 1_000;

export interface DelegationsOptions {
  readonly resultsPath: string;
  readonly clock: Clock;
  /** The platform refuses the token, though it may accept beats: those of a workspace without a live token are. */
  readonly onRefused: (signal: AbortSignal | undefined) => Promise<void>;
}

/**
 * Looks for delegations of the workspace that came to their end, appends them to its results file, and tells the
 * workspace by a message to itself.
 */
export class Delegations implements Errand {
  readonly #context: ErrandContext;
  readonly #onRefused: DelegationsOptions["onRefused"];
  readonly #path: string;
  readonly #clock: Clock;
  /** `null` before it was read, and while there is nothing in it: most workspaces never delegate. */
  #results: ResultsFile | null = null;
  #wasRead = false;
  /** Foreign rows; `null` as long as there were none. */
  #reported: Set<string> | null = null;
  #announcedAt = Number.NEGATIVE_INFINITY;
  #failed = NEVER;

  constructor(context: ErrandContext, { resultsPath, clock, onRefused }: DelegationsOptions) {
    this.#context = context;
    this.#path = resultsPath;
    this.#clock = clock;
    this.#onRefused = onRefused;
  }

  async run(signal: AbortSignal | undefined): Promise<void> {
    try {
      if (!this.#wasRead) await this.#read();
      await this.#collect(signal);
      if (this.#results !== null) await this.#announce(this.#results, signal);
    } catch (error) {
      if (!(error instanceof Error && "syscall" in error)) throw error;
      const why = "code" in error ? String(error.code) : error.name;
      this.#context.notify({ type: "results-failed", path: this.#path, why });
    }
  }

  async #read(): Promise<void> {
    const results = await openResultsFile(this.#path);
    this.#results = results.isEmpty() ? null : results;
    this.#wasRead = true;
  }

  async #collect(signal: AbortSignal | undefined): Promise<void> {
    const { workspaceId, client, notify } = this.#context;
    const path = `workspaces/${workspaceId}/delegations`;
    const { outcome, reply } = await client.send({ method: "GET", path, signal });
    if (outcome.kind !== "accepted") {
      this.#failed = again(this.#failed, outcome.why);
      const { count } = this.#failed;
      notify({ type: "errand-failed", what: "delegations", outcome, count });
      if (reply.status === 401 && isTold(count)) await this.#onRefused(signal);
      return;
    }
    this.#failed = NEVER;
    const isKnown = (id: string) => this.#results?.has(id) || this.#reported?.has(id) || false;
    const { fresh, foreign } = sortRows(reply.body.items, workspaceId, isKnown);
    for (const id of foreign) this.#remember(id);
    if (foreign.length > 0) notify({ type: "delegations-foreign", count: foreign.length });
    if (fresh.length === 0) return;
    this.#results ??= new ResultsFile(this.#path);
    await this.#results.append(fresh);
    notify({ type: "delegations-finished", count: fresh.length, path: this.#path });
  }

  #remember(foreign: string): void {
    this.#reported ??= new Set();
    if (this.#reported.size >= REMEMBERED) this.#reported.clear();
    this.#reported.add(foreign);
  }

  async #announce(file: ResultsFile, signal: AbortSignal | undefined): Promise<void> {
    const { workspaceId, client, notify } = this.#context;
    const ids = file.unannounced();
    if (ids.length === 0 || this.#clock.monotonic() - this.#announcedAt < COOLDOWN_MS) return;
    this.#announcedAt = this.#clock.monotonic();
    // What came back is somebody else's text: the message says where it is, and carries none of it.
    const what = ids.length === 1 ? "A delegation has" : `${ids.length} delegations have`;
    const text = `${what} come to an end. The results are in ${file.path}.`;
    const delivery = await sendMessage(client, {
      from: workspaceId,
      to: workspaceId,
      text,
      signal,
    });
    notify({ type: "message", to: workspaceId, delivery });
    if (delivery.kind !== "failed" || !delivery.safeToRepeat) await file.announced(ids);
  }
}
