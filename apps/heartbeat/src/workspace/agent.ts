import type { Auth } from "@x/auth-core";
import type { AgentCard, Issued, PlatformClient, PlatformResult, Receipt } from "@x/platform-client";
import { elapsedMs, type Moment, momentOf } from "../clock.ts";
import type { WorkspaceRef } from "../storage/workspace-store.ts";
import type { AgentEnvironment, WorkspaceAgentOptions } from "./agent-options.ts";
import { Credentials, tokenLocation, type UnsavedToken } from "./credentials.ts";
import { ErrorRate } from "./error-rate.ts";
import type { WorkspaceEvent } from "./events.ts";
import { AgentCardJob } from "./jobs/agent-card.ts";
import { Delegations } from "./jobs/delegations.ts";
import type { Job } from "./jobs/job.ts";
import { StatusCheck } from "./jobs/status-check.ts";
import { isAnswered, type Outcome, outcomeOf } from "./outcome.ts";
import { Registration } from "./registration.ts";
import { type Report, Reporter } from "./report.ts";
import {
  type Action,
  decide,
  deregistered,
  initialState,
  resume,
  type Wait,
  type WorkspaceState,
} from "./state-machine.ts";

/** The outcome of a step, and how long to wait before the next one. */
export interface Step {
  readonly outcome: Outcome;
  readonly wait: Wait;
  /** The platform answered, whatever it said. */
  readonly reachedPlatform: boolean;
  /** It accepted a heartbeat: jobs may run. */
  readonly isAlive: boolean;
}

/** How a workspace is doing, for tables and metrics. */
export interface AgentStatus extends Report {
  readonly state: WorkspaceState;
  /** Over the last minute, from 0 to 1. */
  readonly errorRate: number;
  /** True while a token or secret from the platform would be lost with this process. */
  readonly unsaved: boolean;
  /** The status that the platform reports for the workspace; `null` before it was asked. */
  readonly platformStatus: string | null;
}

/** Keeps one workspace alive, a step at a time. */
export class WorkspaceAgent {
  readonly ref: WorkspaceRef;
  readonly jobs: readonly Job[];
  readonly #environment: AgentEnvironment;
  readonly #auth: Auth;
  readonly #client: PlatformClient;
  readonly #startedAt: Moment;
  readonly #errorRate: ErrorRate;
  readonly #credentials: Credentials;
  readonly #registration: Registration;
  readonly #reporter: Reporter;
  readonly #card: AgentCardJob;
  readonly #statusCheck: StatusCheck;
  #state: WorkspaceState;
  #planned: Action;
  #hasSpilledToken: boolean;

  constructor(options: WorkspaceAgentOptions) {
    const { environment, ref, auth, card, begin, createClient } = options;
    const { store, timing, clock } = environment;
    const { workspaceId } = ref;
    this.ref = ref;
    this.#environment = environment;
    this.#auth = auth;
    this.#state = initialState(begin);
    this.#planned = begin;
    this.#hasSpilledToken = options.hasSpilledToken;
    this.#startedAt = momentOf(clock);
    this.#errorRate = new ErrorRate(clock.monotonic);
    const emit = (event: WorkspaceEvent) => environment.onEvent(workspaceId, event);
    this.#credentials = new Credentials({ auth, ref, store, emit, unsaved: options.unsavedToken ?? null });
    this.#reporter = new Reporter({ auth, clock, emit });
    this.#client = createClient({
      auth,
      workspaceId,
      onIssued: (issued: Issued) => this.#credentials.receive(issued),
      onTokenRecovered: () => void this.#reportRecovery(),
    });
    this.#registration = new Registration({ auth, client: this.#client, store, ref, emit });
    const context = { client: this.#client, emit };
    this.#card = new AgentCardJob(context, card, timing.intervalMs);
    this.#statusCheck = new StatusCheck(context, () => this.#registerAgain());
    const delegations = new Delegations(context, {
      everyMs: timing.intervalMs,
      openResults: () => store.results(ref),
      clock,
      onUnauthorized: (signal) => this.#onUnauthorized(signal),
    });
    this.jobs = [this.#card, this.#statusCheck, delegations];
  }

  status(): AgentStatus {
    return {
      state: this.#state,
      ...this.#reporter.status(),
      errorRate: this.#errorRate.rate(),
      unsaved: this.#credentials.isUnsaved(),
      platformStatus: this.#statusCheck.status(),
    };
  }

  /** What it could not store so far. Once it has ended, its successor has to store it. */
  unsavedToken(): UnsavedToken | null {
    return this.#credentials.unsavedToken();
  }

  /** The agent card to publish from now on. */
  setCard(card: AgentCard): void {
    this.#card.set(card);
  }

  /** Sends nothing new from now on. What is in flight goes on: its answer may hold a token. */
  close(): void {
    this.#registration.close();
  }

  /** Registers or sends a heartbeat, whichever is due. Never rejects. */
  async step(signal: AbortSignal): Promise<Step> {
    const { timing, clock, random, onEvent } = this.#environment;
    const now = momentOf(clock);
    const [resumed, action] = resume(this.#state, this.#planned, timing, now);
    if (action !== this.#planned && this.#state.aliveAt !== null)
      onEvent(this.ref.workspaceId, { type: "clock-jump", byMs: elapsedMs(this.#state.aliveAt, now) });
    this.#state = resumed;
    // A workspace that is alive needs no other token, and must not wait for a disk that hangs at every heartbeat.
    if (this.#hasSpilledToken && resumed.phase !== "alive") {
      this.#hasSpilledToken = !(await this.#credentials.takeSpilled());
    }
    const saving = this.#credentials.retryUnsaved();
    if (saving !== undefined) await saving;
    const result = await (action === "register" ? this.#register(signal) : this.#heartbeat(signal));
    const outcome = outcomeOf(result);
    this.#reportUnusableToken(result);
    if (outcome.kind === "aborted") {
      return { outcome, wait: "interval", reachedPlatform: false, isAlive: false };
    }
    // An outage of the platform is not an error of the workspace.
    if (outcome.kind === "accepted") this.#errorRate.record(true);
    else if (isAnswered(outcome)) this.#errorRate.record(false, outcome.message);
    const decision = decide(this.#state, action, outcome, { timing, now: momentOf(clock), random });
    this.#state = decision.state;
    this.#planned = decision.next;
    if (await this.#reporter.report(action, outcome, decision, clock.monotonic() - now.monotonic)) {
      await this.#statusCheck.now(signal);
    }
    return {
      outcome,
      wait: decision.wait,
      reachedPlatform: isAnswered(outcome),
      isAlive: action === "heartbeat" && outcome.kind === "accepted",
    };
  }

  /** Runs one of its jobs. Never rejects. */
  async runJob(job: Job, signal: AbortSignal): Promise<void> {
    if (this.#state.phase === "alive") await job.run(signal);
  }

  async #register(signal: AbortSignal): Promise<PlatformResult<Receipt>> {
    const agentCard = this.#card.current();
    const result = await this.#registration.send(agentCard, signal);
    if (result.ok) this.#card.sent(agentCard);
    else if (result.failure.code === "WORKSPACE_REMOVED") this.#statusCheck.markRemoved();
    return result;
  }

  #heartbeat(signal: AbortSignal): Promise<PlatformResult<Receipt>> {
    const uptimeMs = elapsedMs(this.#startedAt, momentOf(this.#environment.clock));
    const stats = {
      errorRate: this.#errorRate.rate(),
      sampleError: this.#errorRate.sampleError(),
      uptimeSeconds: uptimeMs / 1000,
    };
    return this.#client.heartbeat(stats, { signal });
  }

  #reportUnusableToken(result: PlatformResult<Receipt>): void {
    const unsaved = result.ok ? result.value.unsaved : undefined;
    if (unsaved?.code !== "TOKEN_INVALID") return;
    const { message } = unsaved;
    this.#environment.onEvent(this.ref.workspaceId, { type: "token-unusable", message });
  }

  #registerAgain(): void {
    this.#state = deregistered(this.#state);
  }

  async #onUnauthorized(signal: AbortSignal): Promise<void> {
    const status = await this.#statusCheck.now(signal);
    // A token issued to a removed workspace gives access to nothing.
    if (status !== null && status !== "removed") this.#registerAgain();
  }

  async #reportRecovery(): Promise<void> {
    const source = (await tokenLocation(this.#auth)) ?? "elsewhere";
    this.#environment.onEvent(this.ref.workspaceId, { type: "token-recovered", source });
  }
}
