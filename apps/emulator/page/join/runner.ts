import type { PlatformFailure } from "@x/platform-client";
import { failureText } from "./failure-text.ts";

/** The outcome of a request: null if it was accepted. */
export type Outcome = PlatformFailure | null;

/** A workspace's requests to the platform. None of them rejects. */
export interface WorkspaceClient {
  /** Fetches the workspace's status, then registers. Once sent, it is never aborted: its answer may contain a token. */
  register(signal: AbortSignal): Promise<Outcome>;
  heartbeat(signal: AbortSignal): Promise<Outcome>;
  /** Tries a token that a person entered, and stores it if it is accepted. Never aborted, like `register`. */
  use(token: string, signal: AbortSignal): Promise<Outcome>;
}

export interface Timer {
  now(): number;
  /** Schedules one call. @returns a function that cancels it */
  after(ms: number, run: () => void): () => void;
}

/** This tab's status as a workspace. */
export interface RunnerStatus {
  readonly phase: "registering" | "alive" | "unauthorized" | "failing" | "removed";
  /** The failure, if the phase is `failing`. */
  readonly why: string;
  readonly lastHeartbeatAt: number | null;
}

export interface RunnerOptions {
  readonly client: WorkspaceClient;
  readonly intervalMs: number;
  readonly timer: Timer;
  readonly changed: (status: RunnerStatus) => void;
}

/** A heartbeat only extends a registration, which version 1 platforms forget after 60 s. */
const REGISTER_AGAIN_AFTER_MS = 50_000;

/** Registers, sends heartbeats and recovers from failures, until it is stopped or the workspace is removed. */
export class Runner {
  readonly #options: RunnerOptions;
  readonly #stopping = new AbortController();
  #status: RunnerStatus = { phase: "registering", why: "", lastHeartbeatAt: null };
  /** When the platform last accepted a request; null if registration is due. */
  #aliveAt: number | null = null;
  #cancel = () => {};
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: RunnerOptions) {
    this.#options = options;
  }

  /** @param after settles before anything is sent */
  start(after: Promise<void> = Promise.resolve()): void {
    void this.#enqueue(async () => {
      await after;
      await this.#step();
    });
  }

  /** Stops, aborting requests in flight unless their answer may contain a token. Resolves when all have ended. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#cancel();
    await this.#turn;
  }

  /** Tries a token that a person entered; if it is accepted, the next heartbeat follows immediately. */
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
    // If all its tokens are revoked, the registration succeeds and returns a new one.
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
      // While the circuit is open, the earlier failure remains the relevant one.
      this.#show({ phase: "failing", why: failureText(failure) });
    }
  }

  #show(change: Partial<RunnerStatus>): void {
    this.#status = { ...this.#status, ...change };
    this.#options.changed(this.#status);
  }

  /** Serializes the requests. */
  #enqueue<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => {});
    return done;
  }
}
