import type { PlatformResult, Receipt } from "@x/platform-client";
import { Stopwatch } from "../clock.ts";
import type { Step, WorkspaceContext } from "./agent-options.ts";
import type { Credentials } from "./credentials.ts";
import type { ErrorRate } from "./error-rate.ts";
import { Heartbeat } from "./heartbeat.ts";
import { ACCEPTED, isAnswered, isRejection, type Outcome, outcomeOf, WITHHELD } from "./outcome.ts";
import { permitted } from "./permissions.ts";
import { Registration } from "./registration.ts";
import type { Reporter } from "./report.ts";
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
import type { WorkspaceJobs } from "./workspace-jobs.ts";

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
  /** When the step began. */
  readonly begunAt: number;
}

const isFirstRejection = (action: Action, { state }: Decision): boolean =>
  action === "heartbeat" && state.rejections === 1;

export interface StepsOptions {
  readonly credentials: Credentials;
  readonly errorRate: ErrorRate;
  readonly reporter: Reporter;
  readonly jobs: WorkspaceJobs;
  readonly url: string | undefined;
  readonly begin: Action;
  readonly hasSpilledToken: boolean;
}

/** A workspace's registrations and heartbeats, one after another. */
export class Steps {
  readonly #context: WorkspaceContext;
  readonly #credentials: Credentials;
  readonly #errorRate: ErrorRate;
  readonly #reporter: Reporter;
  readonly #jobs: WorkspaceJobs;
  readonly #registration: Registration;
  readonly #heartbeat: Heartbeat;
  /** Registrations and steps never overtake each other. */
  readonly #turns = new Turns();
  /** Since the last accepted request. */
  readonly #silence = new Stopwatch();
  #state: WorkspaceState;
  #planned: Action;
  #hasSpilledToken: boolean;
  /** Another runner is said to have kept it alive, so a token must exist. */
  #isTakenOver: boolean;
  /** The platform rejected the last request. */
  #isRejected = false;

  constructor(context: WorkspaceContext, options: StepsOptions) {
    const { credentials, errorRate, reporter, jobs, url, begin, hasSpilledToken } = options;
    this.#context = context;
    this.#credentials = credentials;
    this.#errorRate = errorRate;
    this.#reporter = reporter;
    this.#jobs = jobs;
    this.#registration = new Registration(context, jobs, url);
    this.#heartbeat = new Heartbeat(context, { errorRate, jobs });
    this.#state = initialState(begin);
    this.#planned = begin;
    this.#isTakenOver = begin === "heartbeat";
    this.#hasSpilledToken = hasSpilledToken;
  }

  get state(): WorkspaceState {
    return this.#state;
  }

  /** Registers again after the next heartbeat. */
  deregistered(): void {
    this.#state = deregistered(this.#state);
  }

  /** Sends no more registrations. */
  close(): void {
    this.#registration.close();
  }

  /** Registers or sends a heartbeat, whichever is due. Never rejects. */
  next(signal: AbortSignal): Promise<Step> {
    return this.#turns.run(() => this.#step(signal));
  }

  async #step(signal: AbortSignal): Promise<Step> {
    if (this.#isTakenOver && !(await this.#checkTakenOver(signal))) return NOT_NOW;
    const context = this.#context;
    const { environment } = context;
    const begunAt = environment.clock.monotonic();
    const silentMs = this.#silence.elapsedMs(environment.clock);
    const [resumed, due] = resume(this.#state, this.#planned, { timing: environment.timing, silentMs });
    const action = permitted(due, permissionsOf(context), this.#isRejected);
    if (action === null || (environment.lease !== undefined && !(await knowsToken(context, signal)))) {
      return NOT_NOW;
    }
    if (due !== this.#planned) context.emit({ type: "clock-jump", byMs: silentMs });
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
      ? this.#registration.send(signal)
      : context.client.heartbeat(this.#heartbeat.stats(), { signal }));
    this.#heartbeat.answered(result);
    if (tried !== null && result.ok) await this.#credentials.accepted(tried);
    const outcome = outcomeOf(result);
    if (outcome.kind === "accepted" && action === due) return this.#accepted(action, result, begunAt);
    return this.#notAccepted({ action, due, result, signal, begunAt });
  }

  /** Synchronous, because nearly every step ends here. */
  #accepted(action: Action, result: PlatformResult<Receipt>, begunAt: number): Step {
    const { clock } = this.#context.environment;
    this.#reporter.reportUnusableToken(result);
    this.#isRejected = false;
    this.#jobs.tokenAccepted();
    this.#errorRate.record(true);
    const { state, next, wait } = this.#decide(action, ACCEPTED);
    this.#state = state;
    this.#planned = next;
    this.#reporter.reportSuccess(action, clock.monotonic() - begunAt);
    return { outcome: ACCEPTED, wait, reachedPlatform: true, isAlive: action === "heartbeat" };
  }

  async #notAccepted({ action, due, result, signal, begunAt }: Ended): Promise<Step> {
    const { clock } = this.#context.environment;
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
    const decision = this.#decide(action, outcome);
    this.#state = decision.state;
    const awaitsRotation = isFirstRejection(action, decision) && (await isRotating(this.#context));
    this.#planned = awaitsRotation ? "heartbeat" : decision.next;
    if (outcome.kind === "accepted") this.#reporter.reportSuccess(action, clock.monotonic() - begunAt);
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

  /** False while its token cannot be read. Without one it registers, though it should be alive. */
  async #checkTakenOver(signal: AbortSignal): Promise<boolean> {
    const found = await hasToken(this.#context, signal).catch(() => null);
    if (found === null) return false;
    this.#isTakenOver = false;
    if (!found) {
      this.#state = initialState("register");
      this.#planned = "register";
    }
    return true;
  }

  #decide(action: Action, outcome: Outcome): Decision {
    const { timing, clock, random } = this.#context.environment;
    const silentMs = this.#silence.elapsedMs(clock);
    if (outcome.kind === "accepted") this.#silence.start(clock);
    return decide(this.#state, action, outcome, { timing, silentMs, random });
  }

  /** Registers at once, unless it is not alive any more. */
  registerAgain(signal: AbortSignal): Promise<void> {
    return this.#turns.run(async () => {
      if (this.#state.phase !== "alive" || signal.aborted || !permissionsOf(this.#context).register) return;
      this.deregistered();
      const { clock } = this.#context.environment;
      const begunAt = clock.monotonic();
      const result = await this.#registration.send(signal);
      this.#reporter.reportUnusableToken(result);
      const outcome = outcomeOf(result);
      if (outcome.kind === "aborted") return;
      const decision = this.#decide("register", outcome);
      // Otherwise it registers again after the next heartbeat.
      if (outcome.kind === "accepted") this.#state = decision.state;
      if (result.ok && result.value.tokenReceived) this.#jobs.tokenAccepted();
      if (outcome.kind !== "accepted") await this.#reporter.reportFailure("register", outcome, decision);
      else this.#reporter.reportSuccess("register", clock.monotonic() - begunAt);
    });
  }
}
