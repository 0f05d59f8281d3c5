import type { Auth, TokenStorage } from "@x/auth-core";
import { type Clock, elapsedMs, type Moment, momentOf } from "../clock.ts";
import type { Timing } from "../config/timing.ts";
import type { PlatformClient } from "../transport/client.ts";
import type { Outcome } from "../transport/reply.ts";
import { type AgentCard, heartbeatBody, registerBody } from "../transport/request-bodies.ts";
import { createSignedClient, outcomeOf, type SignedClient } from "../transport/signed-client.ts";
import type { Random } from "./backoff.ts";
import { Credentials, tokenLocation } from "./credentials.ts";
import { ErrorRate } from "./error-rate.ts";
import type { WorkspaceEvent } from "./events.ts";
import { AgentCardJob } from "./jobs/agent-card.ts";
import { Delegations } from "./jobs/delegations.ts";
import { StatusCheck } from "./jobs/status-check.ts";
import { type Report, Reporter } from "./report.ts";
import {
  type Action,
  decide,
  deregistered,
  INITIAL_STATE,
  resume,
  type Wait,
  type WorkspaceState,
} from "./state-machine.ts";

export interface WorkspaceAgentOptions {
  readonly workspaceId: string;
  readonly auth: Auth;
  /** Opens the storage of the secret with which the platform calls the workspace. */
  readonly openInboundSecret: () => TokenStorage;
  /** Where results of delegations are appended. */
  readonly resultsPath: string;
  readonly client: PlatformClient;
  readonly card: AgentCard;
  readonly timing: Timing;
  readonly clock: Clock;
  readonly random: Random;
  readonly emit: (event: WorkspaceEvent) => void;
}

/** The outcome of a step, and how long to wait before the next one. */
export interface Step {
  readonly outcome: Outcome;
  readonly wait: Wait;
  /** Settles when the jobs that follow a heartbeat (delegations, a status check) are done. The next step need not wait. */
  readonly afterwards: Promise<void>;
}

/** How a workspace is doing, for tables and metrics. */
export interface AgentStatus extends Report {
  readonly state: WorkspaceState;
  /** Over the last minute, from 0 to 1. */
  readonly errorRate: number;
  /** True while a token or secret from the platform is not stored yet. */
  readonly unsaved: boolean;
  /** The status that the platform reports for the workspace; `null` before it was asked. */
  readonly platformStatus: string | null;
}

/** Keeps one workspace alive, a step at a time. */
export interface WorkspaceAgent {
  readonly workspaceId: string;
  status(): AgentStatus;
  /** The agent card to publish from now on. */
  setCard(card: AgentCard): void;
  /** Registers or sends a heartbeat, whichever is due. Never rejects. */
  step(signal?: AbortSignal): Promise<Step>;
}

export function createWorkspaceAgent(options: WorkspaceAgentOptions): WorkspaceAgent {
  return new Agent(options);
}

class Agent implements WorkspaceAgent {
  readonly workspaceId: string;
  readonly #options: WorkspaceAgentOptions;
  readonly #startedAt: Moment;
  readonly #client: SignedClient;
  readonly #errorRate: ErrorRate;
  readonly #credentials: Credentials;
  readonly #reporter: Reporter;
  readonly #card: AgentCardJob;
  readonly #statusCheck: StatusCheck;
  readonly #delegations: Delegations;
  #state: WorkspaceState = INITIAL_STATE;
  #planned: Action = "register";
  #needsUrl = false;
  #jobs: Promise<void> | null = null;

  constructor(options: WorkspaceAgentOptions) {
    const { workspaceId, auth, clock, emit } = options;
    this.workspaceId = workspaceId;
    this.#options = options;
    this.#startedAt = momentOf(clock);
    this.#errorRate = new ErrorRate(clock.monotonic);
    this.#credentials = new Credentials(options);
    this.#reporter = new Reporter(options);
    this.#client = createSignedClient({
      auth,
      workspaceId: options.workspaceId,
      client: options.client,
      timeoutMs: options.timing.timeoutMs,
      onAccepted: (reply) => this.#credentials.receive(reply),
      onTokenRecovered: async () => {
        emit({ type: "token-recovered", source: (await tokenLocation(auth)) ?? "elsewhere" });
      },
    });
    const registerAgain = () => {
      this.#state = deregistered(this.#state);
    };
    const onUnauthorized = async (signal: AbortSignal | undefined) => {
      const status = await this.#statusCheck.now(signal);
      // A token issued to a removed workspace gives access to nothing.
      if (status !== null && status !== "removed") registerAgain();
    };
    const context = { workspaceId, client: this.#client, emit };
    this.#card = new AgentCardJob(context, options.card);
    this.#statusCheck = new StatusCheck(context, registerAgain);
    this.#delegations = new Delegations(context, { resultsPath: options.resultsPath, clock, onUnauthorized });
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

  setCard(card: AgentCard): void {
    this.#card.set(card);
  }

  async step(signal?: AbortSignal): Promise<Step> {
    const { timing, clock, random, emit } = this.#options;
    const now = momentOf(clock);
    const [resumed, action] = resume(this.#state, this.#planned, timing, now);
    if (action !== this.#planned && this.#state.aliveAt !== null)
      emit({ type: "clock-jump", byMs: elapsedMs(this.#state.aliveAt, now) });
    this.#state = resumed;
    await this.#credentials.retryUnsaved();
    const outcome = await outcomeOf(() =>
      action === "register" ? this.#register(signal) : this.#heartbeat(signal),
    );
    if (signal?.aborted) return { outcome, wait: "interval", afterwards: Promise.resolve() };
    // An outage of the platform is not an error of the workspace.
    if (outcome.kind === "accepted") this.#errorRate.record(true);
    else if (outcome.kind !== "unavailable") this.#errorRate.record(false, outcome.why);
    const decision = decide(this.#state, action, outcome, { timing, now: momentOf(clock), random });
    this.#state = decision.state;
    this.#planned = decision.next;
    const tookMs = clock.monotonic() - now.monotonic;
    const isLockedOut = await this.#reporter.report(action, outcome, decision, tookMs);
    if (isLockedOut) this.#runBeside(() => this.#statusCheck.now(signal));
    else if (action === "heartbeat" && outcome.kind === "accepted")
      this.#runBeside(() => this.#runJobs(signal));
    return { outcome, wait: decision.wait, afterwards: this.#jobs ?? Promise.resolve() };
  }

  /** One round of jobs at a time; a platform that answers them slowly must not delay the heartbeats. */
  #runBeside(run: () => Promise<unknown>): void {
    if (this.#jobs !== null) return;
    const round = async (): Promise<Outcome> => {
      await run();
      return { kind: "accepted" };
    };
    this.#jobs = outcomeOf(round).then((outcome) => {
      this.#jobs = null;
      if (outcome.kind === "accepted") return;
      this.#options.emit({ type: "job-failed", what: "jobs", outcome, count: 1 });
    });
  }

  async #runJobs(signal: AbortSignal | undefined): Promise<void> {
    for (const job of [this.#card, this.#statusCheck, this.#delegations]) {
      if (!signal?.aborted) await job.run(signal);
    }
  }

  async #register(signal: AbortSignal | undefined): Promise<Outcome> {
    const body = registerBody(this.workspaceId, this.#card.current(), this.#needsUrl);
    const outcome = await this.#post("registry/register", body, signal);
    if (outcome.kind === "accepted") this.#card.sent();
    if (this.#needsUrl || outcome.kind !== "invalid" || outcome.status !== 400) return outcome;
    this.#needsUrl = true;
    return this.#register(signal);
  }

  #heartbeat(signal: AbortSignal | undefined): Promise<Outcome> {
    const uptimeMs = elapsedMs(this.#startedAt, momentOf(this.#options.clock));
    const body = heartbeatBody(this.workspaceId, this.#errorRate, uptimeMs);
    return this.#post("registry/heartbeat", body, signal);
  }

  #post(path: string, json: object, signal: AbortSignal | undefined): Promise<Outcome> {
    return this.#client.send({ method: "POST", path, json, signal }).then(({ outcome }) => outcome);
  }
}
