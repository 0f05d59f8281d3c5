import { type Auth, checkToken, isAuthError, redactToken } from "@x/auth-core";
import { type Clock, elapsedMs, type Moment, momentOf } from "../clock.ts";
import type { PlatformClient } from "../platform/client.ts";
import { judge, type Outcome, type Reply } from "../platform/reply.ts";
import { type Activity, createActivity } from "./activity.ts";
import type { Pace, Random } from "./delays.ts";
import {
  type Action,
  awaken,
  type Decision,
  decide,
  INITIAL_STATE,
  tellsRefusal,
  type Wait,
  type WorkerState,
} from "./machine.ts";
import { type AgentCard, beatBody, registerBody } from "./messages.ts";
import type { Notice } from "./notices.ts";

export interface WorkerOptions {
  readonly workspaceId: string;
  readonly auth: Auth;
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
  /** True while a token that the platform issued could not be stored. */
  readonly unsaved: boolean;
}

/** Keeps one workspace alive, a step at a time. */
export interface Worker {
  readonly workspaceId: string;
  view(): WorkerView;
  /** Does what is due. Never rejects. */
  step(signal?: AbortSignal): Promise<Step>;
}

export function createWorker(options: WorkerOptions): Worker {
  const { workspaceId, auth, client, card, pace, clock, random, notify } = options;
  const activity: Activity = createActivity(clock.monotonic);
  const startedAt = momentOf(clock);
  let state: WorkerState = INITIAL_STATE;
  let planned: Action = "register";
  let failingSince: Moment | null = null;
  /** How often in a row each action failed for the same reason. */
  const repeated = { register: { why: "", count: 0 }, beat: { why: "", count: 0 } };
  /** Issued once and not on disk: tried again with every step. */
  let unsaved: string | null = null;
  let needsUrl = false;
  let lastBeat: { readonly at: number; readonly latencyMs: number } | null = null;
  let failure: string | null = null;

  async function step(signal?: AbortSignal): Promise<Step> {
    const [awake, action] = awaken(state, planned, pace, momentOf(clock));
    if (action !== planned) notify({ type: "overslept", byMs: sinceAlive() });
    state = awake;
    await saveAgain();
    const before = clock.monotonic();
    const outcome = await perform(action, signal);
    if (signal?.aborted) return { outcome, wait: "interval" };
    // What the platform itself could not do is no error of the workspace's.
    if (outcome.kind === "accepted") activity.record(true);
    else if (outcome.kind !== "unavailable") activity.record(false, outcome.why);
    const decision = decide(state, action, outcome, { pace, now: momentOf(clock), random });
    if (outcome.kind === "accepted") tellSuccess(action, clock.monotonic() - before);
    else await tellFailure(action, outcome, decision);
    state = decision.state;
    planned = decision.next;
    return { outcome, wait: decision.wait };
  }

  async function perform(action: Action, signal: AbortSignal | undefined): Promise<Outcome> {
    try {
      if (action === "beat") {
        const body = beatBody(workspaceId, activity, elapsedMs(startedAt, momentOf(clock)));
        return await exchange(action, body, signal);
      }
      const outcome = await exchange(action, registerBody(workspaceId, card, needsUrl), signal);
      if (needsUrl || outcome.kind !== "invalid" || outcome.status !== 400) return outcome;
      needsUrl = true;
      return await exchange(action, registerBody(workspaceId, card, needsUrl), signal);
    } catch (error) {
      if (isAuthError(error)) return { kind: "invalid", status: 0, why: error.message };
      throw error;
    }
  }

  /** Sends; after a 401 once more, if that brings up another token; and takes the token that an answer brings. */
  async function exchange(action: Action, json: unknown, signal: AbortSignal | undefined): Promise<Outcome> {
    const path = action === "register" ? "registry/register" : "registry/heartbeat";
    const send = (headers: Record<string, string>) =>
      client.send({
        method: "POST",
        path,
        headers,
        json,
        timeoutMs: pace.timeoutMs,
        ...(signal && { signal }),
      });
    const headers = await auth.authHeaders();
    let reply = await send(headers);
    if (reply.status === 401) {
      auth.rejectToken(headers.Authorization?.slice("Bearer ".length) ?? "");
      await auth.refreshCache();
      const fresh = await auth.authHeaders();
      if (fresh.Authorization !== headers.Authorization) {
        reply = await send(fresh);
        if (judge(reply).kind === "accepted") {
          notify({ type: "token-recovered", source: (await sourceInUse()) ?? "elsewhere" });
        }
      }
    }
    const outcome = judge(reply);
    if (outcome.kind === "accepted") await adopt(reply, action);
    return outcome;
  }

  async function sourceInUse(): Promise<string | undefined> {
    const { sources } = await auth.explain();
    return sources.find(({ source, sameAsUsed }) => source !== "cache" && sameAsUsed)?.location;
  }

  async function adopt({ body }: Reply, action: Action): Promise<void> {
    const issued = body.auth_token;
    if (action === "register") notify({ type: "registered", tokenIssued: issued !== undefined });
    if (typeof issued !== "string") return;
    try {
      unsaved = checkToken(issued);
    } catch (error) {
      notify({ type: "token-unusable", why: messageOf(error) });
      return;
    }
    notify({ type: "token-adopted", token: redactToken(unsaved), with: action });
    await save(unsaved);
  }

  async function save(token: string): Promise<void> {
    try {
      await auth.saveToken(token);
    } catch (error) {
      notify({ type: "token-unsaved", why: messageOf(error) });
      return;
    }
    unsaved = null;
    notify({ type: "token-saved", location: (await sourceInUse()) ?? "memory" });
  }

  async function saveAgain(): Promise<void> {
    // One that was refused meanwhile must not replace what somebody else has stored.
    if (unsaved !== null && (await auth.getToken()) === unsaved) await save(unsaved);
  }

  function tellSuccess(action: Action, latencyMs: number): void {
    repeated[action] = { why: "", count: 0 };
    failure = null;
    if (action === "register") return;
    lastBeat = { at: clock.wall(), latencyMs };
    if (failingSince !== null)
      notify({ type: "recovered", failedMs: elapsedMs(failingSince, momentOf(clock)) });
    failingSince = null;
    notify({ type: "beat", latencyMs });
  }

  async function tellFailure(
    action: Action,
    outcome: Exclude<Outcome, { kind: "accepted" }>,
    { state: { refusals }, next, wait }: Decision,
  ): Promise<void> {
    failingSince ??= momentOf(clock);
    failure = outcome.why;
    const count = repeated[action].why === outcome.why ? repeated[action].count + 1 : 1;
    repeated[action] = { why: outcome.why, count };
    notify({ type: "failed", action, outcome, count, next, wait });
    if (action === "beat" && outcome.kind === "refused" && refusals >= 3 && tellsRefusal(refusals)) {
      notify({ type: "locked-out", refusals, explanation: await auth.explain() });
    }
  }

  const sinceAlive = () => (state.aliveAt === null ? 0 : elapsedMs(state.aliveAt, momentOf(clock)));

  return {
    workspaceId,
    step,
    view: () => ({
      state,
      lastBeatAt: lastBeat?.at ?? null,
      latencyMs: lastBeat?.latencyMs ?? null,
      errorRate: activity.errorRate(),
      failure,
      unsaved: unsaved !== null,
    }),
  };
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
