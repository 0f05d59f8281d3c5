import { statusIn } from "../../platform/reply.ts";
import { again, NEVER } from "../repeated.ts";
import type { Errand, ErrandContext } from "./errand.ts";

/** Every so many beats: at 30 s, five minutes. */
const EVERY = 10;

/**
 * Asks the platform what it takes the workspace for. A beat that is answered 200 proves nothing: so is one of a
 * workspace that was removed, or never was.
 */
export class LookUp implements Errand {
  readonly #context: ErrandContext;
  readonly #onOffline: () => void;
  #status: string | null = null;
  #beats = 0;
  #failed = NEVER;

  /** @param onOffline called when the platform has given the workspace up, though its beats are accepted */
  constructor(context: ErrandContext, onOffline: () => void) {
    this.#context = context;
    this.#onOffline = onOffline;
  }

  /** What the platform last said the workspace is; `null` before it was asked. */
  status(): string | null {
    return this.#status;
  }

  /** Asks now. Gives what the platform says the workspace is; `null` when it does not say. */
  async now(signal?: AbortSignal): Promise<string | null> {
    const { workspaceId, client, notify } = this.#context;
    const request = { method: "GET" as const, path: `workspaces/${workspaceId}`, signal };
    const { outcome, reply } = await client.send(request);
    if (outcome.kind !== "accepted" && outcome.kind !== "gone") {
      this.#failed = again(this.#failed, outcome.why);
      notify({ type: "errand-failed", what: "look-up", outcome, count: this.#failed.count });
      return null;
    }
    this.#failed = NEVER;
    const found = outcome.kind === "gone" ? "gone" : statusIn(reply);
    if (found === null) return null;
    // That it is gone is said each time: nothing else of this workspace is worth anything until somebody mends it.
    if (found === "gone" || found === "removed") notify({ type: "removed" });
    else if (found !== this.#status && this.#status !== null) notify({ type: "status", status: found });
    this.#status = found === "gone" ? "removed" : found;
    if (this.#status === "offline") this.#onOffline();
    return this.#status;
  }

  async run(signal: AbortSignal | undefined): Promise<void> {
    if (this.#beats % EVERY === 0) await this.now(signal);
    this.#beats += 1;
  }
}
