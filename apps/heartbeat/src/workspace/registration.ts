import type { Auth } from "@x/auth-core";
import type { AgentCard, PlatformClient, PlatformResult, Receipt } from "@x/platform-client";
import type { WorkspaceRef, WorkspaceStore } from "../storage/workspace-store.ts";
import type { WorkspaceEvent } from "./events.ts";

export interface RegistrationOptions {
  readonly auth: Auth;
  readonly client: PlatformClient;
  readonly store: Pick<WorkspaceStore, "token">;
  readonly ref: WorkspaceRef;
  readonly emit: (event: WorkspaceEvent) => void;
}

/**
 * Registers a workspace: checks what the platform knows of it first, and without a token only where a new one could be
 * stored.
 */
export class Registration {
  readonly #options: RegistrationOptions;
  /** Aborts what comes before a registration is sent; `null` while none is prepared. */
  #preparing: AbortController | null = null;
  #isClosed = false;

  constructor(options: RegistrationOptions) {
    this.#options = options;
  }

  /** Sends no registration from now on. One that was sent goes on: its answer may hold a token. */
  close(): void {
    this.#isClosed = true;
    this.#preparing?.abort();
  }

  /** Fails rather than rejects. */
  async send(agentCard: AgentCard, signal: AbortSignal): Promise<PlatformResult<Receipt>> {
    const preparing = new AbortController();
    this.#preparing = preparing;
    const abort = () => preparing.abort();
    signal.addEventListener("abort", abort);
    if (this.#isClosed || signal.aborted) abort();
    try {
      await this.#warnOfStorage(preparing.signal);
      return await this.#options.client.registerLookFirst({
        agentCard,
        signal,
        prepareSignal: preparing.signal,
        beforeUnsigned: () => this.#probe(preparing.signal),
      });
    } finally {
      signal.removeEventListener("abort", abort);
      this.#preparing = null;
    }
  }

  /** With a token it registers all the same: a mounted Secret cannot be written, and need not be. */
  async #warnOfStorage(signal: AbortSignal): Promise<void> {
    const { auth, emit } = this.#options;
    try {
      if ((await auth.getToken({ signal })) === null) return;
      await this.#probe(signal);
    } catch (error) {
      if (signal.aborted) return;
      const message = error instanceof Error ? error.message : String(error);
      emit({ type: "storage-not-writable", message });
    }
  }

  async #probe(signal: AbortSignal): Promise<void> {
    const { store, ref } = this.#options;
    await store.token(ref).probe?.({ signal });
  }
}
