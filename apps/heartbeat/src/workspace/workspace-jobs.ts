import type { AgentCard, DeliveryMode, PlatformClient } from "@x/platform-client";
import type { Clock } from "../clock.ts";
import type { ResultsLog } from "../storage/workspace-store.ts";
import type { WorkspaceContext } from "./agent-options.ts";
import type { WorkspaceEvent } from "./events.ts";
import { AgentCardJob } from "./jobs/agent-card.ts";
import { Delegations, type DelegationsContext } from "./jobs/delegations.ts";
import { InboxJob } from "./jobs/inbox.ts";
import type { Job } from "./jobs/job.ts";
import { StatusCheck, type StatusContext } from "./jobs/status-check.ts";
import { TokenCheck } from "./jobs/token-check.ts";
import { RejectedJobs } from "./rejected-jobs.ts";
import { isRotating } from "./shared-store.ts";

/** The workspace that the jobs belong to. */
export interface JobOwner extends WorkspaceContext {
  /** The platform shows that it no longer knows the workspace's registration. */
  deregistered(): void;
  /** Registers at once, unless it is not alive any more. */
  registerAgain(signal: AbortSignal): Promise<void>;
}

/** A workspace's jobs besides its heartbeats. */
export class WorkspaceJobs implements DelegationsContext, StatusContext {
  readonly #owner: JobOwner;
  readonly all: readonly Job[];
  readonly card: AgentCardJob;
  readonly statusCheck: StatusCheck;
  readonly #delegations: Delegations;
  readonly #tokenCheck: TokenCheck;
  readonly #inbox: InboxJob | null;
  readonly #rejected = new RejectedJobs();
  /** A job was answered 401 since the last heartbeat: no other one is sent with that token. */
  #isTokenRejected = false;
  /** A rotation was waited for since a job's request was last accepted. */
  #hasWaited = false;

  constructor(owner: JobOwner, card: AgentCard) {
    const { environment, ref, auth } = owner;
    const { store, timing, clock, inbox } = environment;
    this.#owner = owner;
    const everyMs = timing.intervalMs;
    this.card = new AgentCardJob(this, card, everyMs);
    this.statusCheck = new StatusCheck(this);
    this.#delegations = new Delegations(this, everyMs);
    this.#tokenCheck = new TokenCheck(this, { everyMs, clock });
    const openLog = () => store.inbox(ref);
    this.#inbox = inbox && new InboxJob(this, { settings: inbox, openLog, clock, auth });
    const { statusCheck } = this;
    this.all =
      this.#inbox === null
        ? [this.card, statusCheck, this.#delegations, this.#tokenCheck]
        : [this.card, statusCheck, this.#delegations, this.#tokenCheck, this.#inbox];
  }

  get client(): PlatformClient {
    return this.#owner.client;
  }

  get clock(): Clock {
    return this.#owner.environment.clock;
  }

  openResults(): ResultsLog {
    const { environment, ref } = this.#owner;
    return environment.store.results(ref);
  }

  emit(event: WorkspaceEvent): void {
    this.#rejected.observe(event);
    this.#owner.emit(event);
  }

  onOffline(): void {
    this.#owner.deregistered();
  }

  /** The platform accepts the workspace's token. */
  tokenAccepted(): void {
    this.#isTokenRejected = false;
  }

  /** Display name of the message being handled; `null` for none. */
  currentTask(): string | null {
    return this.#inbox?.currentTask() ?? null;
  }

  /** @param mode what the platform said; `null`: nothing */
  registered(mode: DeliveryMode | null): void {
    this.#inbox?.registered(mode);
  }

  /** Runs one of them. Never rejects. Returns no promise when there was nothing to do. */
  run(job: Job, signal: AbortSignal): Promise<void> | undefined {
    if (this.#isTokenRejected) return undefined;
    const running = job.run(signal);
    return running === undefined ? this.#ended(job, signal) : running.then(() => this.#ended(job, signal));
  }

  #ended(job: Job, signal: AbortSignal): Promise<void> | undefined {
    const outcome = this.#rejected.take();
    // Some of the other jobs send nothing.
    const isAccepted = outcome === "accepted" && job === this.#delegations;
    if (isAccepted || outcome === "rejected") this.#tokenCheck.answered();
    if (isAccepted) this.#hasWaited = false;
    if (outcome !== "rejected") return undefined;
    this.#isTokenRejected = true;
    return this.#closeToStrangers(signal);
  }

  /** While no token is live, the platform issues one to any client that registers. */
  async #closeToStrangers(signal: AbortSignal): Promise<void> {
    // Once: a rotation that was killed leaves its record.
    if (!this.#hasWaited && (await isRotating(this.#owner))) {
      this.#hasWaited = true;
      return;
    }
    const status = await this.statusCheck.now(signal);
    // A token issued to a removed workspace gives access to nothing.
    if (status !== null && status !== "removed") await this.#owner.registerAgain(signal);
  }

  /** Settles when no message is being handled. */
  async close(): Promise<void> {
    await this.#inbox?.close();
  }
}
