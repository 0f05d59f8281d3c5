import { createAuth, type Env, memoryTokenStorage } from "@x/auth-core";
import type {
  OnIssued,
  PlatformClient,
  PlatformResult,
  TokenInfo,
  WorkspaceClientOptions,
} from "@x/platform-client";
import { type Clock, sleep } from "../../clock.ts";
import { MAX_PAUSES, pauseMsFor } from "../asked-pause.ts";
import { failedWith } from "./result.ts";

export interface RotationPlatformOptions {
  readonly workspaceId: string;
  readonly platformUrl: string;
  /** The source of the tenant. */
  readonly env: Env;
  readonly createClient: (workspace: WorkspaceClientOptions) => PlatformClient;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** How often to repeat an unanswered request, and after how long. */
const MAX_RETRIES = 3;
const RETRY_MS = 1_000;

/** The platform as a rotation uses it: each request has exactly one given token, whatever else is stored or cached. */
export class RotationPlatform {
  readonly #options: RotationPlatformOptions;

  constructor(options: RotationPlatformOptions) {
    this.#options = options;
  }

  /** Requests that carry this token. Tokens that they return go to `onIssued`. */
  as(token: string, onIssued: OnIssued = () => {}): PlatformClient {
    const { workspaceId, platformUrl, env, createClient } = this.#options;
    const auth = createAuth({ storage: memoryTokenStorage(token), platformUrl, fallback: [], env });
    return createClient({ auth, workspaceId, onIssued });
  }

  /**
   * Whether the platform accepts a token. Heartbeats do not show it: they are accepted with any bearer while no token
   * is live.
   *
   * @throws RotationEnd when the platform does not answer clearly
   */
  async accepts(token: string): Promise<boolean> {
    const client = this.as(token);
    const { clock, signal } = this.#options;
    for (let retries = 0; ; retries += 1) {
      const result = await this.keepPauses(() => client.state());
      if (result.ok) return true;
      const { failure } = result;
      if (failure.kind === "unauthorized") return false;
      if (failure.kind !== "unavailable" || retries === MAX_RETRIES || signal.aborted)
        throw failedWith(failure);
      await sleep(clock, RETRY_MS, signal);
    }
  }

  /** The workspace's live tokens. @throws RotationEnd */
  async tokens(token: string): Promise<readonly TokenInfo[]> {
    const result = await this.keepPauses(() => this.as(token).tokens.list());
    if (!result.ok) throw failedWith(result.failure);
    return result.value;
  }

  /** Retries after a rate limit's pause: a list of workspaces soon reaches the limit. */
  async keepPauses<T>(ask: () => Promise<PlatformResult<T>>): Promise<PlatformResult<T>> {
    const { clock, signal } = this.#options;
    for (let pauses = 0; ; pauses += 1) {
      const result = await ask();
      if (result.ok || pauses === MAX_PAUSES || signal.aborted) return result;
      const { code, sent, retryAfterMs } = result.failure;
      const isPause = sent === "no" && (code === "RATE_LIMITED" || code === "CIRCUIT_OPEN");
      const pauseMs = isPause ? pauseMsFor(retryAfterMs) : null;
      if (pauseMs === null) return result;
      await sleep(clock, pauseMs, signal);
    }
  }
}
