import type { Auth } from "@x/auth-core";
import type {
  AgentCard,
  Issued,
  PlatformClient,
  PlatformResult,
  Receipt,
  Registered,
} from "@x/platform-client";
import { elapsedMs, type Moment, momentOf } from "../clock.ts";
import type { WorkspaceRef } from "../storage/workspace-store.ts";
import type { AgentEnvironment, AgentStatus, Step, WorkspaceAgentOptions } from "./agent-options.ts";
import { Credentials, tokenLocation, type UnsavedToken } from "./credentials.ts";
import { ErrorRate } from "./error-rate.ts";
import type { WorkspaceEvent } from "./events.ts";
import { Heartbeat } from "./heartbeat.ts";
import type { Job } from "./jobs/job.ts";
import { ACCEPTED, isAnswered, isRejection, outcomeOf, WITHHELD } from "./outcome.ts";
import { permitted } from "./permissions.ts";
import { Registration } from "./registration.ts";
import { Reporter } from "./report.ts";
import { hasToken, isRotating, knowsToken, permissionsOf } from "./shared-store.ts";
import {
  type Action,
  type Decision,
  decide,
  deregistered,
  initialState,
  resume,
  type WorkspaceState,
} from "./state-machine.ts";
import { Turns } from "./turns.ts";
import { type JobOwner, WorkspaceJobs } from "./workspace-jobs.ts";

/** Between the platform's answer to a rotation and the write of the new token. */
const ROTATION_WAIT_MS = 1_000;
/** This runner may not act now. */
const NOT_NOW: Step = { outcome: WITHHELD, wait: 2_000, reachedPlatform: false, isAlive: false };

/** A step that was not simply accepted. */
interface Ended {
  readonly action: Action;
  readonly due: Action;
  readonly result: PlatformResult<Receipt>;
  readonly signal: AbortSignal;
  readonly now: Moment;
}

const isFirstRejection = (action: Action, { state }: Decision): boolean =>
  action === "heartbeat" && state.rejections === 1;

/** Keeps one workspace alive, a step at a time. */
export class WorkspaceAgent implements JobOwner {
  readonly ref: WorkspaceRef;
  readonly environment: AgentEnvironment;
  readonly auth: Auth;
  readonly client: PlatformClient;
  readonly #errorRate: ErrorRate;
  readonly #credentials: Credentials;
  readonly #registration: Registration;
  readonly #reporter: Reporter;
  readonly #jobs: WorkspaceJobs;
  readonly #heartbeat: Heartbeat;
  /** Registrations and steps never overtake each other. */
  readonly #turns = new Turns();
  #state: WorkspaceState;
  #planned: Action;
  #hasSpilledToken: boolean;
  /** Another runner is said to have kept it alive, so a token must exist. */
  #isTakenOver: boolean;
  /** The platform rejected the last request. */
  #isRejected = false;

  constructor(options: WorkspaceAgentOptions) {
    const { environment, ref, auth, card, begin, createClient, url } = options;
    this.ref = ref;
    this.environment = environment;
    this.auth = auth;
    this.#state = initialState(begin);
    this.#planned = begin;
    this.#isTakenOver = begin === "heartbeat";
    this.#hasSpilledToken = options.hasSpilledToken;
    this.#errorRate = new ErrorRate(environment.clock);
    this.#credentials = new Credentials(this, options.unsavedToken);
    this.#reporter = new Reporter(this);
    this.client = createClient({
      auth,
      workspaceId: ref.workspaceId,
      onIssued: (issued: Issued) => this.#credentials.receive(issued),
      onTokenRecovered: () => void this.#reportRecovery(),
    });
    this.#registration = new Registration(this, url);
    this.#jobs = new WorkspaceJobs(this, card);
    this.#heartbeat = new Heartbeat(this, { errorRate: this.#errorRate, jobs: this.#jobs });
  }

  emit(event: WorkspaceEvent): void {
    this.environment.onEvent(this.ref.workspaceId, event);
  }

  /** Registers again after the next heartbeat. */
  deregistered(): void {
    this.#state = deregistered(this.#state);
  }

  get jobs(): readonly Job[] {
    return this.#jobs.all;
  }

  status(): AgentStatus {
    return {
      state: this.#state,
      ...this.#reporter.status(),
      errorRate: this.#errorRate.now().rate,
      unsaved: this.#credentials.isUnsaved(),
      platformStatus: this.#jobs.statusCheck.status(),
    };
  }

  get isRegistered(): boolean {
    return this.#state.registered;
  }

  /** What it could not store so far. After its end, its successor has to store it. */
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
    this.#registration.close();
    await this.#jobs.close();
  }

  /** Registers or sends a heartbeat, whichever is due. Never rejects. */
  step(signal: AbortSignal): Promise<Step> {
    return this.#turns.run(() => this.#step(signal));
  }

  async #step(signal: AbortSignal): Promise<Step> {
    if (this.#isTakenOver && !(await this.#checkTakenOver(signal))) return NOT_NOW;
    const now = momentOf(this.environment.clock);
    const [resumed, due] = resume(this.#state, this.#planned, this.environment.timing, now);
    const action = permitted(due, permissionsOf(this), this.#isRejected);
    if (action === null || (this.environment.lease !== undefined && !(await knowsToken(this, signal)))) {
      return NOT_NOW;
    }
    if (due !== this.#planned && this.#state.aliveAt !== null)
      this.emit({ type: "clock-jump", byMs: elapsedMs(this.#state.aliveAt, now) });
    this.#state = resumed;
    // A workspace that is alive needs no other token, and must not wait for a hanging disk at every heartbeat.
    if (this.#hasSpilledToken && resumed.phase !== "alive") {
      this.#hasSpilledToken = !(await this.#credentials.takeSpilled());
    }
    const saving = this.#credentials.retryUnsaved();
    if (saving !== undefined) await saving;
    const trying = this.#credentials.tries();
    const tried = trying && (await trying);
    const result = await (action === "register"
      ? this.#register(signal)
      : this.client.heartbeat(this.#heartbeat.stats(), { signal }));
    this.#heartbeat.answered(result);
    if (tried !== null && result.ok) await this.#credentials.accepted(tried);
    const outcome = outcomeOf(result);
    if (outcome.kind === "accepted" && action === due) return this.#accepted(action, result, now);
    return this.#notAccepted({ action, due, result, signal, now });
  }

  /** Synchronous, because nearly every step ends here. */
  #accepted(action: Action, result: PlatformResult<Receipt>, begun: Moment): Step {
    const { timing, clock, random } = this.environment;
    this.#reporter.reportUnusableToken(result);
    this.#isRejected = false;
    this.#jobs.tokenAccepted();
    this.#errorRate.record(true);
    const now = momentOf(clock);
    const { state, next, wait } = decide(this.#state, action, ACCEPTED, { timing, now, random });
    this.#state = state;
    this.#planned = next;
    this.#reporter.reportSuccess(action, now.monotonic - begun.monotonic);
    return { outcome: ACCEPTED, wait, reachedPlatform: true, isAlive: action === "heartbeat" };
  }

  async #notAccepted({ action, due, result, signal, now }: Ended): Promise<Step> {
    const { timing, clock, random } = this.environment;
    const outcome = outcomeOf(result);
    this.#reporter.reportUnusableToken(result);
    if (outcome.kind === "aborted") {
      return { outcome, wait: "interval", reachedPlatform: false, isAlive: false };
    }
    this.#isRejected = isRejection(outcome);
    // An outage of the platform is not an error of the workspace.
    if (outcome.kind === "accepted") {
      this.#jobs.tokenAccepted();
      this.#errorRate.record(true);
    } else if (isAnswered(outcome)) this.#errorRate.record(false, outcome.message);
    const decision = decide(this.#state, action, outcome, { timing, now: momentOf(clock), random });
    this.#state = decision.state;
    const awaitsRotation = isFirstRejection(action, decision) && (await isRotating(this));
    this.#planned = awaitsRotation ? "heartbeat" : decision.next;
    if (outcome.kind === "accepted") this.#reporter.reportSuccess(action, clock.monotonic() - now.monotonic);
    else if (await this.#reporter.reportFailure(action, outcome, decision))
      await this.#jobs.statusCheck.now(signal);
    return {
      outcome,
      // Instead of a registration that has to wait, heartbeats are sent at their usual times.
      wait: awaitsRotation ? ROTATION_WAIT_MS : action === due ? decision.wait : "interval",
      reachedPlatform: isAnswered(outcome),
      isAlive: action === "heartbeat" && outcome.kind === "accepted",
    };
  }

  /** Runs one of its jobs. Never rejects. Returns no promise when there was nothing to do. */
  runJob(job: Job, signal: AbortSignal): Promise<void> | undefined {
    if (this.#state.phase !== "alive" || !permissionsOf(this).jobs) return undefined;
    return this.#jobs.run(job, signal);
  }

  /** False while its token cannot be read. Without one it registers, though it should be alive. */
  async #checkTakenOver(signal: AbortSignal): Promise<boolean> {
    const found = await hasToken(this, signal).catch(() => null);
    if (found === null) return false;
    this.#isTakenOver = false;
    if (!found) {
      this.#state = initialState("register");
      this.#planned = "register";
    }
    return true;
  }

  async #register(signal: AbortSignal): Promise<PlatformResult<Registered>> {
    const agentCard = this.#jobs.card.current();
    const result = await this.#registration.send(agentCard, signal);
    if (result.ok) {
      this.#jobs.card.sent(agentCard);
      this.#jobs.registered(result.value.deliveryMode);
    } else if (result.failure.code === "WORKSPACE_REMOVED") this.#jobs.statusCheck.markRemoved();
    return result;
  }

  registerAgain(signal: AbortSignal): Promise<void> {
    return this.#turns.run(async () => {
      if (this.#state.phase !== "alive" || signal.aborted || !permissionsOf(this).register) return;
      this.deregistered();
      const { timing, clock, random } = this.environment;
      const now = momentOf(clock);
      const result = await this.#register(signal);
      const outcome = outcomeOf(result);
      if (outcome.kind === "aborted") return;
      const decision = decide(this.#state, "register", outcome, { timing, now: momentOf(clock), random });
      // Otherwise it registers again after the next heartbeat.
      if (outcome.kind === "accepted") this.#state = decision.state;
      if (result.ok && result.value.tokenReceived) this.#jobs.tokenAccepted();
      if (outcome.kind !== "accepted") await this.#reporter.reportFailure("register", outcome, decision);
      else this.#reporter.reportSuccess("register", clock.monotonic() - now.monotonic);
    });
  }

  async #reportRecovery(): Promise<void> {
    const source = (await tokenLocation(this.auth)) ?? "elsewhere";
    this.environment.onEvent(this.ref.workspaceId, { type: "token-recovered", source });
  }
}
