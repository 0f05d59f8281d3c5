import type { PlatformFailure } from "@x/platform-client";
import { failureText } from "./failure-text.ts";

/** What became of a request: null when it was accepted. */
export type Outcome = PlatformFailure | null;

/** What a workspace can ask of the platform. None of it ever rejects. */
export interface WorkspaceClient {
  /** Asks the platform about the workspace, then registers. Once that is sent it ends by itself: its answer may hold a token. */
  register(signal: AbortSignal): Promise<Outcome>;
  heartbeat(signal: AbortSignal): Promise<Outcome>;
  /** Tries a token that a person entered, and stores it if it is accepted. Ends as `register` does. */
  use(token: string, signal: AbortSignal): Promise<Outcome>;
}

export interface Timer {
  now(): number;
  /** Calls once, later; returns a function that cancels it. */
  after(ms: number, run: () => void): () => void;
}

/** The status of this tab as a workspace. */
export interface RunnerStatus {
  readonly phase: "registering" | "alive" | "unauthorized" | "failing" | "removed";
  /** What failed, where the phase is `failing`. */
  readonly why: string;
  readonly lastHeartbeatAt: number | null;
}

export interface RunnerOptions {
  readonly client: WorkspaceClient;
  readonly intervalMs: number;
  readonly timer: Timer;
  readonly changed: (status: RunnerStatus) => void;
}

/** A heartbeat only prolongs what a register began, and the first platforms forget that after 60 s. */
const REGISTER_AGAIN_AFTER_MS = 50_000;

/** Registers, sends heartbeats and recovers from failures, until it is stopped or the workspace is removed. */
export class Runner {
  readonly #options: RunnerOptions;
  readonly #stopping = new AbortController();
  #status: RunnerStatus = { phase: "registering", why: "", lastHeartbeatAt: null };
  /** When the platform last accepted something; null when it has to be registered with. */
  #aliveAt: number | null = null;
  #cancel = () => {};
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: RunnerOptions) {
    this.#options = options;
  }

  /** @param after nothing is sent before this settles */
  start(after: Promise<void> = Promise.resolve()): void {
    void this.#enqueue(async () => {
      await after;
      await this.#step();
    });
  }

  /** Sends nothing more, and gives up what is in flight, unless its answer may hold a token. Resolves when all has ended. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#cancel();
    await this.#turn;
  }

  /** Tries a token that a person entered; if it is accepted, the next heartbeat follows at once. */
  useToken(token: string): Promise<Outcome> {
    return this.#enqueue(async () => {
      const { client, timer } = this.#options;
      const failure = await client.use(token, this.#stopping.signal);
      if (failure !== null) return failure;
      this.#aliveAt = timer.now();
      await this.#step();
      return null;
    });
  }

  async #step(): Promise<void> {
    this.#cancel();
    const { signal } = this.#stopping;
    if (signal.aborted || this.#status.phase === "removed") return;
    const { client, timer, intervalMs } = this.#options;
    const isRegistered = this.#aliveAt !== null && timer.now() - this.#aliveAt < REGISTER_AGAIN_AFTER_MS;
    let failure = isRegistered ? await client.heartbeat(signal) : await this.#begin();
    // When all its tokens are revoked, a register is let through and brings another one.
    if (isRegistered && failure?.kind === "unauthorized" && !signal.aborted) failure = await this.#begin();
    if (signal.aborted) return;
    this.#settle(failure);
    if (failure?.code === "WORKSPACE_REMOVED") return;
    const waitMs = Math.max(intervalMs, failure?.retryAfterMs ?? 0);
    this.#cancel = timer.after(waitMs, () => void this.#enqueue(() => this.#step()));
  }

  async #begin(): Promise<Outcome> {
    const { signal } = this.#stopping;
    const { client } = this.#options;
    const failure = await client.register(signal);
    return failure !== null || signal.aborted ? failure : client.heartbeat(signal);
  }

  #settle(failure: Outcome): void {
    if (failure === null) {
      const now = this.#options.timer.now();
      this.#aliveAt = now;
      this.#show({ phase: "alive", why: "", lastHeartbeatAt: now });
    } else if (failure.code === "WORKSPACE_REMOVED") {
      this.#show({ phase: "removed", why: "" });
    } else if (failure.kind === "unauthorized") {
      this.#aliveAt = null;
      this.#show({ phase: "unauthorized", why: "" });
    } else if (failure.kind !== "circuit_open" || this.#status.phase !== "failing") {
      // While nothing is sent, what failed before is still what is wrong.
      this.#show({ phase: "failing", why: failureText(failure) });
    }
  }

  #show(change: Partial<RunnerStatus>): void {
    this.#status = { ...this.#status, ...change };
    this.#options.changed(this.#status);
  }

  /** One thing after the other. */
  #enqueue<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => {});
    return done;
  }
}
