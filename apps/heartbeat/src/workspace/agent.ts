import type { Auth } from "@x/auth-core";
import type { AgentCard, Issued, PlatformClient } from "@x/platform-client";
import type { WorkspaceRef } from "../storage/workspace-store.ts";
import type { AgentEnvironment, AgentStatus, Step, WorkspaceAgentOptions } from "./agent-options.ts";
import { Credentials, tokenLocation, type UnsavedToken } from "./credentials.ts";
import { ErrorRate } from "./error-rate.ts";
import type { WorkspaceEvent } from "./events.ts";
import type { Job } from "./jobs/job.ts";
import { Reporter } from "./report.ts";
import { permissionsOf } from "./shared-store.ts";
import { Steps } from "./steps.ts";
import { type JobOwner, WorkspaceJobs } from "./workspace-jobs.ts";

/** Keeps one workspace alive, a step at a time. */
export class WorkspaceAgent implements JobOwner {
  readonly ref: WorkspaceRef;
  readonly environment: AgentEnvironment;
  readonly auth: Auth;
  readonly client: PlatformClient;
  readonly #errorRate: ErrorRate;
  readonly #credentials: Credentials;
  readonly #reporter: Reporter;
  readonly #jobs: WorkspaceJobs;
  readonly #steps: Steps;

  constructor(options: WorkspaceAgentOptions) {
    const { environment, ref, auth, card, begin, createClient, hasSpilledToken, url } = options;
    this.ref = ref;
    this.environment = environment;
    this.auth = auth;
    this.#errorRate = new ErrorRate(environment.clock);
    this.#credentials = new Credentials(this, options.unsavedToken);
    this.#reporter = new Reporter(this);
    this.client = createClient({
      auth,
      workspaceId: ref.workspaceId,
      onIssued: (issued: Issued) => this.#credentials.receive(issued),
      onTokenRecovered: () => void this.#reportRecovery(),
    });
    this.#jobs = new WorkspaceJobs(this, card);
    this.#steps = new Steps(this, {
      credentials: this.#credentials,
      errorRate: this.#errorRate,
      reporter: this.#reporter,
      jobs: this.#jobs,
      url,
      begin,
      hasSpilledToken,
    });
  }

  emit(event: WorkspaceEvent): void {
    this.environment.onEvent(this.ref.workspaceId, event);
  }

  /** Registers again after the next heartbeat. */
  deregistered(): void {
    this.#steps.deregistered();
  }

  get jobs(): readonly Job[] {
    return this.#jobs.all;
  }

  status(): AgentStatus {
    return {
      state: this.#steps.state,
      ...this.#reporter.status(),
      errorRate: this.#errorRate.now().rate,
      unsaved: this.#credentials.isUnsaved(),
      platformStatus: this.#jobs.statusCheck.status(),
    };
  }

  get isRegistered(): boolean {
    return this.#steps.state.registered;
  }

  /** The token that it could not store so far. After it ends, its successor has to store it. */
  unsavedToken(): UnsavedToken | null {
    return this.#credentials.unsavedToken();
  }

  /** Tries to store it. Never rejects. */
  async retryUnsaved(): Promise<void> {
    await this.#credentials.retryUnsaved();
  }

  /** Sets the agent card to publish. */
  setCard(card: AgentCard): void {
    this.#jobs.card.set(card);
  }

  /**
   * Sends nothing new from now on. Requests in flight continue: their answers may hold a token.
   *
   * @returns settles when no message is being handled
   */
  async close(): Promise<void> {
    this.#steps.close();
    await this.#jobs.close();
  }

  /** Registers or sends a heartbeat, whichever is due. Never rejects. */
  step(signal: AbortSignal): Promise<Step> {
    return this.#steps.next(signal);
  }

  /** Runs one of its jobs. Never rejects. Returns no promise when there was nothing to do. */
  runJob(job: Job, signal: AbortSignal): Promise<void> | undefined {
    if (this.#steps.state.phase !== "alive" || !permissionsOf(this).jobs) return undefined;
    return this.#jobs.run(job, signal);
  }

  /** Registers at once, unless it is not alive any more. */
  registerAgain(signal: AbortSignal): Promise<void> {
    return this.#steps.registerAgain(signal);
  }

  async #reportRecovery(): Promise<void> {
    const source = (await tokenLocation(this.auth)) ?? "elsewhere";
    this.environment.onEvent(this.ref.workspaceId, { type: "token-recovered", source });
  }
}
