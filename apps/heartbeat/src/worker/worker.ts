import type { Auth, TokenStorage } from "@x/auth-core";
import { type Clock, elapsedMs, type Moment, momentOf } from "../clock.ts";
import { Delegations } from "../delegations/delegations.ts";
import type { PlatformClient } from "../platform/client.ts";
import type { Outcome } from "../platform/reply.ts";
import { createSignedClient, type SignedClient } from "../platform/signed-client.ts";
import { Activity } from "./activity.ts";
import type { Pace, Random } from "./delays.ts";
import { CardErrand } from "./errands/card.ts";
import { LookUp } from "./errands/look-up.ts";
import { guarded } from "./guarded.ts";
import { Issued, tokenLocation } from "./issued.ts";
import {
  type Action,
  awaken,
  decide,
  forgotten,
  INITIAL_STATE,
  type Wait,
  type WorkerState,
} from "./machine.ts";
import { type AgentCard, beatBody, registerBody } from "./messages.ts";
import type { Notice } from "./notices.ts";
import { type Report, Reporter } from "./reporter.ts";

export interface WorkerOptions {
  readonly workspaceId: string;
  readonly auth: Auth;
  /** Opens where the secret with which the platform calls the workspace is kept. */
  readonly openInboundSecret: () => TokenStorage;
  /** Where results of delegations are appended. */
  readonly resultsPath: string;
  readonly client: PlatformClient;
  readonly card: AgentCard;
  readonly pace: Pace;
  readonly clock: Clock;
  readonly random: Random;
  readonly notify: (notice: Notice) => void;
}

/** What came of a step, and how long to wait for the next one. */
export interface Step {
  readonly outcome: Outcome;
  readonly wait: Wait;
  /** Settles when what a beat brings with it (delegations, a look-up) is done, too. The next step need not wait for it. */
  readonly afterwards: Promise<void>;
}

/** How a workspace is doing, for tables and metrics. */
export interface WorkerView extends Report {
  readonly state: WorkerState;
  /** Over the last minute, from 0 to 1. */
  readonly errorRate: number;
  /** True while something that the platform handed out could not be stored. */
  readonly unsaved: boolean;
  /** What the platform takes the workspace for; `null` before it was asked. */
  readonly platformStatus: string | null;
}

/** Keeps one workspace alive, a step at a time. */
export interface Worker {
  readonly workspaceId: string;
  view(): WorkerView;
  /** What the workspace says of itself from now on. */
  setCard(card: AgentCard): void;
  /** Does what is due. Never rejects. */
  step(signal?: AbortSignal): Promise<Step>;
}

export function createWorker(options: WorkerOptions): Worker {
  return new FleetWorker(options);
}

class FleetWorker implements Worker {
  readonly workspaceId: string;
  readonly #options: WorkerOptions;
  readonly #startedAt: Moment;
  readonly #client: SignedClient;
  readonly #activity: Activity;
  readonly #issued: Issued;
  readonly #reporter: Reporter;
  readonly #card: CardErrand;
  readonly #lookUp: LookUp;
  readonly #delegations: Delegations;
  #state: WorkerState = INITIAL_STATE;
  #planned: Action = "register";
  #needsUrl = false;
  #errands: Promise<void> | null = null;

  constructor(options: WorkerOptions) {
    const { workspaceId, auth, clock, notify } = options;
    this.workspaceId = workspaceId;
    this.#options = options;
    this.#startedAt = momentOf(clock);
    this.#activity = new Activity(clock.monotonic);
    this.#issued = new Issued(options);
    this.#reporter = new Reporter(options);
    this.#client = createSignedClient({
      auth,
      workspaceId: options.workspaceId,
      client: options.client,
      timeoutMs: options.pace.timeoutMs,
      onAccepted: (reply) => this.#issued.adopt(reply),
      onTokenRecovered: async () => {
        notify({ type: "token-recovered", source: (await tokenLocation(auth)) ?? "elsewhere" });
      },
    });
    const registerAgain = () => {
      this.#state = forgotten(this.#state);
    };
    const onRefused = async (signal: AbortSignal | undefined) => {
      const status = await this.#lookUp.now(signal);
      // A token that a removed workspace is issued opens nothing.
      if (status !== null && status !== "removed") registerAgain();
    };
    const context = { workspaceId, client: this.#client, notify };
    this.#card = new CardErrand(context, options.card);
    this.#lookUp = new LookUp(context, registerAgain);
    this.#delegations = new Delegations(context, { resultsPath: options.resultsPath, clock, onRefused });
  }

  view(): WorkerView {
    return {
      state: this.#state,
      ...this.#reporter.view(),
      errorRate: this.#activity.errorRate(),
      unsaved: this.#issued.isUnsaved(),
      platformStatus: this.#lookUp.status(),
    };
  }

  setCard(card: AgentCard): void {
    this.#card.set(card);
  }

  async step(signal?: AbortSignal): Promise<Step> {
    const { pace, clock, random, notify } = this.#options;
    const now = momentOf(clock);
    const [awake, action] = awaken(this.#state, this.#planned, pace, now);
    if (action !== this.#planned && this.#state.aliveAt !== null)
      notify({ type: "overslept", byMs: elapsedMs(this.#state.aliveAt, now) });
    this.#state = awake;
    await this.#issued.saveAgain();
    const outcome = await guarded(() =>
      action === "register" ? this.#register(signal) : this.#beat(signal),
    );
    if (signal?.aborted) return { outcome, wait: "interval", afterwards: Promise.resolve() };
    // What the platform itself could not do is no error of the workspace's.
    if (outcome.kind === "accepted") this.#activity.record(true);
    else if (outcome.kind !== "unavailable") this.#activity.record(false, outcome.why);
    const decision = decide(this.#state, action, outcome, { pace, now: momentOf(clock), random });
    this.#state = decision.state;
    this.#planned = decision.next;
    const tookMs = clock.monotonic() - now.monotonic;
    const isLockedOut = await this.#reporter.tell(action, outcome, decision, tookMs);
    if (isLockedOut) this.#runBeside(() => this.#lookUp.now(signal));
    else if (action === "beat" && outcome.kind === "accepted")
      this.#runBeside(() => this.#runErrands(signal));
    return { outcome, wait: decision.wait, afterwards: this.#errands ?? Promise.resolve() };
  }

  /** One round of errands at a time; a platform that is slow with them must not make the beats late. */
  #runBeside(run: () => Promise<unknown>): void {
    if (this.#errands !== null) return;
    const round = async (): Promise<Outcome> => {
      await run();
      return { kind: "accepted" };
    };
    this.#errands = guarded(round).then((outcome) => {
      this.#errands = null;
      if (outcome.kind === "accepted") return;
      this.#options.notify({ type: "errand-failed", what: "errands", outcome, count: 1 });
    });
  }

  async #runErrands(signal: AbortSignal | undefined): Promise<void> {
    for (const errand of [this.#card, this.#lookUp, this.#delegations]) {
      if (!signal?.aborted) await errand.run(signal);
    }
  }

  async #register(signal: AbortSignal | undefined): Promise<Outcome> {
    const body = registerBody(this.workspaceId, this.#card.current(), this.#needsUrl);
    const outcome = await this.#post("registry/register", body, signal);
    if (outcome.kind === "accepted") this.#card.told();
    if (this.#needsUrl || outcome.kind !== "invalid" || outcome.status !== 400) return outcome;
    this.#needsUrl = true;
    return this.#register(signal);
  }

  #beat(signal: AbortSignal | undefined): Promise<Outcome> {
    const uptimeMs = elapsedMs(this.#startedAt, momentOf(this.#options.clock));
    return this.#post("registry/heartbeat", beatBody(this.workspaceId, this.#activity, uptimeMs), signal);
  }

  #post(path: string, json: object, signal: AbortSignal | undefined): Promise<Outcome> {
    const sent = this.#client.send({ method: "POST", path, json, signal });
    return sent.then(({ outcome }) => outcome);
  }
}
