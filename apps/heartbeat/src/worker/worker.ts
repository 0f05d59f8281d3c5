import { type Auth, isAuthError, type TokenStorage } from "@x/auth-core";
import { type Clock, elapsedMs, type Moment, momentOf } from "../clock.ts";
import { createDelegations } from "../delegations/delegations.ts";
import type { PlatformClient } from "../platform/client.ts";
import type { Outcome } from "../platform/reply.ts";
import { createSignedClient } from "../platform/signed-client.ts";
import { createActivity } from "./activity.ts";
import type { Pace, Random } from "./delays.ts";
import { createCardErrand } from "./errands/card.ts";
import { createLookUp } from "./errands/look-up.ts";
import { createIssued, tokenLocation } from "./issued.ts";
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
import { createReporter } from "./reporter.ts";

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
export interface WorkerView {
  readonly state: WorkerState;
  /** Wall-clock time of the last accepted beat, in milliseconds since 1970; `null` before the first. */
  readonly lastBeatAt: number | null;
  /** How long the platform took to answer it. */
  readonly latencyMs: number | null;
  /** Over the last minute, from 0 to 1. */
  readonly errorRate: number;
  /** Why the last request failed; `null` when it did not. */
  readonly failure: string | null;
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
  const { workspaceId, auth, pace, clock, random, notify } = options;
  const activity = createActivity(clock.monotonic);
  const startedAt: Moment = momentOf(clock);
  const issued = createIssued({ auth, openInboundSecret: options.openInboundSecret, notify });
  const client = createSignedClient({
    auth,
    client: options.client,
    timeoutMs: pace.timeoutMs,
    onAccepted: issued.adopt,
    onTokenRecovered: async () => {
      notify({ type: "token-recovered", source: (await tokenLocation(auth)) ?? "elsewhere" });
    },
  });
  const errandContext = { workspaceId, client, notify };
  const lookUp = createLookUp(errandContext, () => {
    state = forgotten(state);
  });
  const card = createCardErrand(errandContext, options.card);
  const delegations = createDelegations(errandContext, options.resultsPath, clock);
  const reporter = createReporter({ auth, clock, notify });
  let state: WorkerState = INITIAL_STATE;
  let planned: Action = "register";
  let needsUrl = false;
  let underWay: Promise<void> | null = null;

  async function step(signal?: AbortSignal): Promise<Step> {
    const now = momentOf(clock);
    const [awake, action] = awaken(state, planned, pace, now);
    if (action !== planned && state.aliveAt !== null)
      notify({ type: "overslept", byMs: elapsedMs(state.aliveAt, now) });
    state = awake;
    await issued.saveAgain();
    const outcome = await guarded(() => (action === "register" ? register(signal) : beat(signal)));
    if (signal?.aborted) return { outcome, wait: "interval", afterwards: Promise.resolve() };
    // What the platform itself could not do is no error of the workspace's.
    if (outcome.kind === "accepted") activity.record(true);
    else if (outcome.kind !== "unavailable") activity.record(false, outcome.why);
    const decision = decide(state, action, outcome, { pace, now: momentOf(clock), random });
    state = decision.state;
    planned = decision.next;
    const isLockedOut = await reporter.tell(action, outcome, decision, clock.monotonic() - now.monotonic);
    if (isLockedOut) runBeside(() => lookUp.now(signal));
    else if (action === "beat" && outcome.kind === "accepted") runBeside(() => runErrands(signal));
    return { outcome, wait: decision.wait, afterwards: underWay ?? Promise.resolve() };
  }

  /** One round of errands at a time; a platform that is slow with them must not make the beats late. */
  function runBeside(run: () => Promise<void>): void {
    if (underWay !== null) return;
    const round = async (): Promise<Outcome> => {
      await run();
      return { kind: "accepted" };
    };
    underWay = guarded(round).then((outcome) => {
      underWay = null;
      if (outcome.kind !== "accepted") notify({ type: "errand-failed", what: "errands", outcome });
    });
  }

  async function register(signal: AbortSignal | undefined): Promise<Outcome> {
    const outcome = await post(
      "registry/register",
      registerBody(workspaceId, card.current(), needsUrl),
      signal,
    );
    if (outcome.kind === "accepted") card.told();
    if (needsUrl || outcome.kind !== "invalid" || outcome.status !== 400) return outcome;
    needsUrl = true;
    return register(signal);
  }

  function beat(signal: AbortSignal | undefined): Promise<Outcome> {
    const body = beatBody(workspaceId, activity, elapsedMs(startedAt, momentOf(clock)));
    return post("registry/heartbeat", body, signal);
  }

  async function post(path: string, json: object, signal: AbortSignal | undefined): Promise<Outcome> {
    const { outcome } = await client.send({ method: "POST", path, json, ...(signal && { signal }) });
    return outcome;
  }

  async function runErrands(signal: AbortSignal | undefined): Promise<void> {
    for (const errand of [card, lookUp, delegations]) {
      if (!signal?.aborted) await errand.run(signal);
    }
  }

  return {
    workspaceId,
    step,
    setCard: card.set,
    view: () => ({
      state,
      ...reporter.view(),
      errorRate: activity.errorRate(),
      unsaved: issued.isUnsaved(),
      platformStatus: lookUp.status(),
    }),
  };
}

/** Variables that no header can be made of are an outcome like another one: told, and tried again. */
async function guarded(act: () => Promise<Outcome>): Promise<Outcome> {
  try {
    return await act();
  } catch (error) {
    if (isAuthError(error)) return { kind: "invalid", status: 0, why: error.message };
    throw error;
  }
}
