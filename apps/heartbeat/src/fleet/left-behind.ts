import type { Clock } from "../clock.ts";
import { refKey, type WorkspaceRef } from "../storage/workspace-store.ts";
import type { UnsavedToken } from "../workspace/credentials.ts";
import type { Draining } from "./draining.ts";

/** A removed workspace with nothing in flight. */
interface Removed {
  readonly ref: WorkspaceRef;
  readonly agent: {
    unsavedToken(): UnsavedToken | null;
    retryUnsaved(): Promise<void>;
  };
}

interface LeftBehindOptions {
  readonly clock: Pick<Clock, "after">;
  /** From one attempt to store them to the next, in milliseconds. */
  readonly everyMs: number;
  readonly draining: Draining;
}

/**
 * Tokens that removed workspaces could not store in their own location. One that would be lost with this process is
 * tried again until it can be stored.
 */
export class LeftBehind {
  readonly #options: LeftBehindOptions;
  /** By platform and id. */
  readonly #removed = new Map<string, Removed>();
  #cancel = () => {};
  #retrying: Promise<void> | null = null;

  constructor(options: LeftBehindOptions) {
    this.#options = options;
  }

  add(removed: Removed): void {
    this.#removed.set(refKey(removed.ref), removed);
    if (this.#retrying === null) this.#retryLater();
  }

  /** Hands its unsaved token to its successor. */
  take(ref: WorkspaceRef): UnsavedToken | null {
    const key = refKey(ref);
    const token = this.#removed.get(key)?.agent.unsavedToken() ?? null;
    this.#removed.delete(key);
    return token;
  }

  /** Ids of the workspaces whose token would be lost with this process. */
  unsaved(): string[] {
    return this.#unsaved().map(({ ref }) => ref.workspaceId);
  }

  /** Tries to store them for the last time. */
  async end(): Promise<void> {
    await this.#retrying;
    this.#cancel();
    await this.#retry();
  }

  #unsaved(): Removed[] {
    return [...this.#removed.values()].filter(({ agent }) => agent.unsavedToken()?.isSpilled === false);
  }

  #retryLater(): void {
    if (this.#unsaved().length === 0) return;
    const { clock, everyMs } = this.#options;
    this.#cancel();
    this.#cancel = clock.after(everyMs, () => {
      this.#retrying = this.#retry().finally(() => {
        this.#retrying = null;
        this.#retryLater();
      });
    });
  }

  async #retry(): Promise<void> {
    const retrying = this.#unsaved().map(({ ref, agent }) => {
      const retried = agent.retryUnsaved().then(() => {
        if (agent.unsavedToken() === null) this.#removed.delete(refKey(ref));
      });
      // A successor waits: it may receive a newer token.
      this.#options.draining.add(ref, retried);
      return retried;
    });
    await Promise.all(retrying);
  }
}
