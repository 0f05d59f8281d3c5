import { abortedBy, type Errand, type ErrandContext } from "./errand.ts";

/** Every so many beats: at 30 s, five minutes. */
const EVERY = 10;

export interface LookUp extends Errand {
  /** What the platform last said the workspace is; `null` before it was asked. */
  status(): string | null;
  /** Asks now. */
  now(signal?: AbortSignal): Promise<void>;
}

/**
 * Asks the platform what it takes the workspace for. A beat that is answered 200 proves nothing: so is one of a
 * workspace that was removed, or never was.
 *
 * @param onOffline called when the platform has given the workspace up, though its beats are accepted
 */
export function createLookUp({ workspaceId, client, notify }: ErrandContext, onOffline: () => void): LookUp {
  let status: string | null = null;
  let beats = 0;

  async function now(signal?: AbortSignal): Promise<void> {
    const request = { method: "GET" as const, path: `workspaces/${workspaceId}`, ...abortedBy(signal) };
    const { outcome, reply } = await client.send(request);
    const found = outcome.kind === "gone" ? "gone" : outcome.kind === "accepted" ? reply.body.status : null;
    if (typeof found !== "string") return;
    // That it is gone is said each time: nothing else of this workspace is worth anything until somebody mends it.
    if (found === "gone" || found === "removed") notify({ type: "removed" });
    else if (found !== status && status !== null) notify({ type: "status", status: found });
    status = found === "gone" ? "removed" : found;
    if (status === "offline") onOffline();
  }

  return {
    now,
    status: () => status,
    async run(signal) {
      if (beats % EVERY === 0) await now(signal);
      beats += 1;
    },
  };
}
