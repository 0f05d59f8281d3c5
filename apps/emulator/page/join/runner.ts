/** What became of a request. */
export type Outcome =
  | { readonly kind: "accepted" }
  /** A 401. */
  | { readonly kind: "refused" }
  /** No answer, or another one. `waitMs`: how long the platform asked to be left alone. */
  | { readonly kind: "failed"; readonly why: string; readonly waitMs: number };

/** What a workspace can ask of the platform. None of it ever rejects. */
export interface Membership {
  register(): Promise<Outcome>;
  beat(): Promise<Outcome>;
  /** Tries a token that somebody brought, and keeps it if it is accepted. */
  use(token: string): Promise<Outcome>;
  isRemoved(): Promise<boolean>;
}

export interface Timer {
  now(): number;
  /** Calls once, later; gives the way to call it off. */
  after(ms: number, run: () => void): () => void;
}

/** How it stands between this tab and the platform. */
export interface Standing {
  readonly phase: "registering" | "beating" | "refused" | "failing" | "removed";
  /** What failed, where the phase is `failing`. */
  readonly why: string;
  readonly lastBeatAt: number | null;
}

export interface RunnerOptions {
  readonly membership: Membership;
  readonly intervalMs: number;
  readonly timer: Timer;
  readonly changed: (standing: Standing) => void;
}

/** A beat only prolongs what a register began, and the first platforms forget that after 60 s. */
const PATIENCE_MS = 50_000;

/** Registers, beats, and comes back after whatever went wrong, until it is stopped or the workspace removed. */
export class Runner {
  readonly #options: RunnerOptions;
  #standing: Standing = { phase: "registering", why: "", lastBeatAt: null };
  /** When the platform last accepted something; null when it has to be registered with. */
  #aliveAt: number | null = null;
  #isOver = false;
  #callOff = () => {};
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: RunnerOptions) {
    this.#options = options;
  }

  start(): void {
    void this.#inTurn(() => this.#step());
  }

  /** No request begins after this. One that is under way may end: its answer may hold a token. */
  stop(): void {
    this.#isOver = true;
    this.#callOff();
  }

  /** Tries a token that somebody brought; if it is accepted, the next beat follows at once. */
  give(token: string): Promise<Outcome> {
    return this.#inTurn(async () => {
      const outcome = await this.#options.membership.use(token);
      if (outcome.kind !== "accepted") return outcome;
      this.#aliveAt = this.#options.timer.now();
      await this.#step();
      return outcome;
    });
  }

  async #step(): Promise<void> {
    this.#callOff();
    if (this.#isOver) return;
    const { membership, timer, intervalMs } = this.#options;
    const isRegistered = this.#aliveAt !== null && timer.now() - this.#aliveAt < PATIENCE_MS;
    let outcome = isRegistered ? await membership.beat() : await this.#begin();
    if (outcome.kind === "refused") {
      // Whoever was removed can register as often as it likes: each time it gets a token that opens nothing.
      if (await membership.isRemoved()) return this.#end();
      // When all its tokens are revoked, a register is let through and brings another one.
      if (isRegistered && !this.#isOver) outcome = await this.#begin();
    }
    if (this.#isOver) return;
    this.#settle(outcome);
    const waitMs = outcome.kind === "failed" ? outcome.waitMs : 0;
    this.#callOff = timer.after(Math.max(intervalMs, waitMs), () => void this.#inTurn(() => this.#step()));
  }

  async #begin(): Promise<Outcome> {
    const { membership } = this.#options;
    const outcome = await membership.register();
    return outcome.kind === "accepted" && !this.#isOver ? membership.beat() : outcome;
  }

  #settle(outcome: Outcome): void {
    const now = this.#options.timer.now();
    if (outcome.kind === "accepted") {
      this.#aliveAt = now;
      this.#show({ phase: "beating", why: "", lastBeatAt: now });
    } else if (outcome.kind === "refused") {
      this.#aliveAt = null;
      this.#show({ phase: "refused", why: "" });
    } else {
      this.#show({ phase: "failing", why: outcome.why });
    }
  }

  #end(): void {
    this.stop();
    this.#show({ phase: "removed", why: "" });
  }

  #show(change: Partial<Standing>): void {
    this.#standing = { ...this.#standing, ...change };
    this.#options.changed(this.#standing);
  }

  /** One thing after the other. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => {});
    return done;
  }
}
