import { AuthError } from "@x/auth-core";
import type { AgentCard, PlatformResult, Registered } from "@x/platform-client";
import type { WorkspaceStore } from "../storage/workspace-store.ts";
import type { AgentEnvironment, WorkspaceContext } from "./agent-options.ts";
import type { WorkspaceJobs } from "./workspace-jobs.ts";

/**
 * How many workspaces of a store are probed for a warning in a second. A probe flushes the disk: if each of a hundred
 * thousand waited for its own, the last would register minutes later.
 */
const WARNINGS_PER_SECOND = 10;

const probes = new WeakMap<WorkspaceStore, { readonly since: number; count: number }>();

function mayProbe({ store, clock }: AgentEnvironment): boolean {
  const now = clock.monotonic();
  const last = probes.get(store);
  const current = last !== undefined && now - last.since < 1_000 ? last : { since: now, count: 0 };
  probes.set(store, current);
  current.count += 1;
  return current.count <= WARNINGS_PER_SECOND;
}

/** The jobs that a registration affects. */
type RegistrationJobs = Pick<WorkspaceJobs, "card" | "registered" | "statusCheck">;

/**
 * Registers a workspace: checks what the platform knows about it first, and registers without a token only if a new one
 * could be stored.
 */
export class Registration {
  readonly #context: WorkspaceContext;
  readonly #jobs: RegistrationJobs;
  readonly #url: string | undefined;
  /** Aborts the preparation of a registration; `null` while none is being prepared. */
  #preparing: AbortController | null = null;
  #isClosed = false;

  /**
   * @param url where the platform calls the workspace; without it a new workspace polls and a known one keeps its mode
   */
  constructor(context: WorkspaceContext, jobs: RegistrationJobs, url: string | undefined) {
    this.#context = context;
    this.#jobs = jobs;
    this.#url = url;
  }

  /** Sends no more registrations. One already sent continues: its answer may hold a token. */
  close(): void {
    this.#isClosed = true;
    this.#preparing?.abort();
  }

  /** Returns a failure instead of rejecting. */
  async send(signal: AbortSignal): Promise<PlatformResult<Registered>> {
    const { card, statusCheck } = this.#jobs;
    const agentCard = card.current();
    const result = await this.#send(agentCard, signal);
    if (result.ok) {
      card.sent(agentCard);
      this.#jobs.registered(result.value.deliveryMode);
    } else if (result.failure.code === "WORKSPACE_REMOVED") statusCheck.markRemoved();
    return result;
  }

  async #send(agentCard: AgentCard, signal: AbortSignal): Promise<PlatformResult<Registered>> {
    const preparing = new AbortController();
    this.#preparing = preparing;
    const abort = () => preparing.abort();
    signal.addEventListener("abort", abort);
    if (this.#isClosed || signal.aborted) abort();
    let isUnsigned = false;
    try {
      await this.#warnOfStorage(preparing.signal);
      const result = await this.#context.client.checkAndRegister({
        agentCard,
        ...(this.#url !== undefined && { url: this.#url }),
        signal,
        prepareSignal: preparing.signal,
        beforeUnsigned: async () => {
          await this.#beforeUnsigned(preparing.signal);
          isUnsigned = true;
        },
      });
      const isGivenUp = !result.ok && result.failure.kind === "aborted" && result.failure.sent === "maybe";
      if (isUnsigned && isGivenUp) this.#context.emit({ type: "registration-unanswered" });
      return result;
    } finally {
      signal.removeEventListener("abort", abort);
      this.#preparing = null;
    }
  }

  /** With a token it registers anyway: a mounted Secret is not writable and need not be. */
  async #warnOfStorage(signal: AbortSignal): Promise<void> {
    const { auth, environment } = this.#context;
    try {
      if ((await auth.getToken({ signal })) === null || !mayProbe(environment)) return;
      await this.#probe(signal);
    } catch (error) {
      if (signal.aborted) return;
      const message = error instanceof Error ? error.message : String(error);
      this.#context.emit({ type: "storage-not-writable", message });
    }
  }

  /** The storage first, because that takes time. */
  async #beforeUnsigned(signal: AbortSignal): Promise<void> {
    await this.#probe(signal);
    const { environment, ref } = this.#context;
    const { lease } = environment;
    if (lease === undefined || (await lease.outlastsRequest(ref, signal))) return;
    const why = "another runner may take it over before the platform answers";
    throw new AuthError("STORAGE_WRITE_FAILED", `The workspace is not registered without a token: ${why}.`);
  }

  async #probe(signal: AbortSignal): Promise<void> {
    const { environment, ref } = this.#context;
    await environment.store.token(ref).probe?.({ signal });
  }
}
