import type { Clock } from "../clock.ts";
import { sendMessage } from "../platform/message.ts";
import { abortedBy, type Errand, type ErrandContext } from "../worker/errands/errand.ts";
import { openResultsFile, type ResultsFile } from "./results-file.ts";
import { sortRows } from "./rows.ts";

/** Between two messages of a workspace to itself. */
const COOLDOWN_MS = 60_000;
/** How many foreign rows are remembered as reported. */
const REMEMBERED = 1_000;

/**
 * Looks for delegations of the workspace that came to their end, appends them to its results file, and tells the
 * workspace by a message to itself.
 */
export function createDelegations(context: ErrandContext, resultsPath: string, clock: Clock): Errand {
  const { workspaceId, client, notify } = context;
  const reported = new Set<string>();
  let results: ResultsFile | null = null;
  let announcedAt = Number.NEGATIVE_INFINITY;

  async function collect(file: ResultsFile, signal: AbortSignal | undefined): Promise<void> {
    const path = `workspaces/${workspaceId}/delegations`;
    const { outcome, reply } = await client.send({ method: "GET", path, ...abortedBy(signal) });
    if (outcome.kind !== "accepted") {
      notify({ type: "errand-failed", what: "delegations", outcome });
      return;
    }
    const isKnown = (id: string) => file.has(id) || reported.has(id);
    const { fresh, foreign } = sortRows(reply.body.items, workspaceId, isKnown);
    for (const id of foreign) {
      if (reported.size >= REMEMBERED) reported.clear();
      reported.add(id);
    }
    if (foreign.length > 0) notify({ type: "delegations-foreign", count: foreign.length });
    if (fresh.length === 0) return;
    await file.append(fresh);
    notify({ type: "delegations-finished", count: fresh.length, path: file.path });
  }

  async function announce(file: ResultsFile, signal: AbortSignal | undefined): Promise<void> {
    const ids = file.unannounced();
    if (ids.length === 0 || clock.monotonic() - announcedAt < COOLDOWN_MS) return;
    announcedAt = clock.monotonic();
    // What came back is somebody else's text: the message says where it is, and carries none of it.
    const what = ids.length === 1 ? "A delegation has" : `${ids.length} delegations have`;
    const text = `${what} come to an end. The results are in ${file.path}.`;
    const delivery = await sendMessage(client, {
      from: workspaceId,
      to: workspaceId,
      text,
      ...abortedBy(signal),
    });
    notify({ type: "message", to: workspaceId, delivery });
    if (delivery.kind !== "failed" || !delivery.safeToRepeat) await file.announced(ids);
  }

  return {
    async run(signal) {
      try {
        results ??= await openResultsFile(resultsPath);
        await collect(results, signal);
        await announce(results, signal);
      } catch (error) {
        if (!(error instanceof Error && "syscall" in error)) throw error;
        notify({
          type: "results-failed",
          path: resultsPath,
          why: "code" in error ? String(error.code) : error.name,
        });
      }
    },
  };
}
