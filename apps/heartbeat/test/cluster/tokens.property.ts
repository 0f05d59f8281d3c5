import { type Auth, AuthError, memoryTokenStorage, type TokenStorage } from "@x/auth-core";
import fc from "fast-check";
import { refKey, type WorkspaceRef } from "../../src/storage/workspace-store.ts";

export type Product = typeof import("./product.ts");

const ORIGIN = "https://platform.example";
const ref: WorkspaceRef = { platformOrigin: ORIGIN, workspaceId: "a-workspace" };

/** One workspace at one platform: without a live token, any client that registers is issued one. */
class Platform {
  readonly live = new Set<string>();
  readonly rejected = new Set<string>();
  #issued = 0;

  register(bearer: string | null): { readonly ok: boolean; readonly token?: string } {
    if (bearer !== null && this.live.has(bearer)) return { ok: true };
    if (this.live.size > 0) {
      if (bearer !== null) this.rejected.add(bearer);
      return { ok: false };
    }
    this.#issued += 1;
    const token = `issued-token-number-${String(this.#issued).padStart(4, "0")}`;
    this.live.add(token);
    return { ok: true, token };
  }

  heartbeat(bearer: string | null): boolean {
    const isLive = bearer !== null && this.live.has(bearer);
    if (!isLive && bearer !== null) this.rejected.add(bearer);
    return isLive;
  }

  /** Issues a token for an operator. */
  mint(): string {
    this.#issued += 1;
    const token = `minted-token-number-${String(this.#issued).padStart(4, "0")}`;
    this.live.add(token);
    return token;
  }

  revokeAll(): void {
    for (const token of this.live) this.rejected.add(token);
    this.live.clear();
  }
}

/** Decides when each request to the store is executed. */
type Turn = () => Promise<void>;

/** The shared rows, and when they are reachable. */
class Shared {
  readonly storage = memoryTokenStorage();
  readonly #platform: Platform;
  readonly #turn: Turn;
  isDown = false;

  constructor(platform: Platform, turn: Turn) {
    this.#platform = platform;
    this.#turn = turn;
  }

  /** The store as one runner reaches it; watches are called as by LISTEN. */
  open(): TokenStorage {
    const { storage } = this;
    const reach = async () => {
      await this.#turn();
      if (this.isDown) throw new AuthError("STORAGE_WRITE_FAILED", "The store cannot be reached.");
    };
    return {
      location: "the shared store",
      read: async () => {
        await reach();
        return storage.read();
      },
      write: async (token) => {
        await reach();
        await this.change(token, () => storage.write(token));
      },
      replace: async (expected, token) => {
        await reach();
        return this.change(token, () => storage.replace?.(expected, token) ?? false);
      },
      probe: reach,
      watch: (changed, options) => storage.watch?.(changed, options) ?? (() => {}),
    };
  }

  /** Checks that a stored token never changes from an accepted to a rejected one. Runs synchronously. */
  async change<T>(token: string, work: () => T): Promise<Awaited<T>> {
    const before = await this.storage.read();
    const { live, rejected } = this.#platform;
    const isLive = before !== null && live.has(before);
    const result = await work();
    if (isLive && rejected.has(token) && (await this.storage.read()) === token) {
      throw new Error("a rejected token replaced an accepted one");
    }
    return result;
  }
}

/** A runner with its own disk, and what it knows about the workspace. */
class Runner {
  readonly disk = { token: memoryTokenStorage(), basis: memoryTokenStorage() };
  isOwner = false;
  /** Answers of the platform that this runner has not read yet, because it is paused. */
  pending: (() => Promise<void>)[] = [];
  readonly #product: Product;
  readonly #shared: Shared;
  readonly #platform: Platform;
  #auth: Auth;
  #credentials: InstanceType<Product["Credentials"]>;

  constructor(product: Product, shared: Shared, platform: Platform) {
    this.#product = product;
    this.#shared = shared;
    this.#platform = platform;
    [this.#auth, this.#credentials] = this.#begin();
  }

  own(isOwner: boolean): void {
    this.isOwner = isOwner;
    if (isOwner) [this.#auth, this.#credentials] = this.#begin();
  }

  /** A new agent; an earlier one's pending operations continue. */
  #begin(): [Auth, InstanceType<Product["Credentials"]>] {
    const auth = this.#product.createAuth({ storage: this.#shared.open(), platformUrl: ORIGIN, env: {} });
    auth.watch();
    const context = { auth, ref, environment: { store: this.#store() }, emit() {} };
    // For the mutant that fences tokens by ownership.
    return [auth, new this.#product.Credentials(Object.assign(context, { isCurrent: () => this.isOwner }))];
  }

  #store() {
    const { token, basis } = this.disk;
    return {
      token: () => this.#shared.open(),
      inboundSecret: () => memoryTokenStorage(),
      spill: () => token,
      spillBasis: () => basis,
      spillsAtOnce: true,
      spilled: async () => new Set((await token.read()) === null ? [] : [refKey(ref)]),
    };
  }

  async register(): Promise<void> {
    // One after another: an answer still to come may hold a token.
    if (!this.isOwner || this.pending.length > 0) return;
    await this.#credentials.takeSpilled();
    await this.#credentials.retryUnsaved();
    const tried = await this.#credentials.tries();
    const bearer = await this.#auth.getToken();
    if (bearer === null && this.#shared.isDown) return;
    const answer = this.#platform.register(bearer);
    const auth = this.#auth;
    const credentials = this.#credentials;
    this.pending.push(async () => {
      if (!answer.ok && bearer !== null) auth.rejectToken(bearer);
      if (answer.ok && tried !== null) await credentials.accepted(tried);
      const { token } = answer;
      if (token === undefined) return;
      const { platformOrigin, workspaceId } = ref;
      await credentials.receive({
        token,
        sentWith: bearer,
        workspaceId,
        platformOrigin,
        route: "register",
      });
    });
  }

  async heartbeat(): Promise<void> {
    if (!this.isOwner) return;
    await this.#credentials.retryUnsaved();
    const tried = await this.#credentials.tries();
    const bearer = await this.#auth.getToken();
    if (bearer === null) return;
    if (this.#platform.heartbeat(bearer)) {
      if (tried !== null) await this.#credentials.accepted(tried);
      return;
    }
    this.#auth.rejectToken(bearer);
    await this.#auth.refreshCache();
    const other = await this.#auth.getToken();
    if (other !== null && other !== bearer && !this.#platform.heartbeat(other)) this.#auth.rejectToken(other);
  }

  /** Continues where it was paused. */
  async resume(): Promise<void> {
    const { pending } = this;
    this.pending = [];
    for (const answer of pending) await answer();
  }

  /**
   * Offers the tokens on its disk, regardless of who owns the workspace. Returns whether one is kept because another one is
   * stored.
   */
  async offer(): Promise<boolean> {
    const options = { store: this.#store(), isElsewhere: () => !this.isOwner };
    try {
      return (await this.#product.offerSpilled(options)).kept.length > 0;
    } catch (error) {
      if (error instanceof Error && "code" in error) return false;
      throw error;
    }
  }
}

type RunnerStep = "register" | "heartbeat" | "resume" | "offer";
type Operation =
  | { readonly runner: 0 | 1; readonly step: RunnerStep }
  | { readonly step: "revoke" | "put" | "down" | "up" | "move" };

const operations: fc.Arbitrary<readonly Operation[]> = fc.array(
  fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({
        runner: fc.constantFrom(0 as const, 1 as const),
        step: fc.constantFrom<RunnerStep[]>("register", "heartbeat", "resume", "offer"),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({ step: fc.constantFrom("revoke" as const, "put", "down", "up", "move") }),
    },
  ),
  { maxLength: 30, size: "max" },
);

/**
 * Two runners, one store, one platform that issues a token once: a live token that reached a runner ends up stored, and
 * no rejected token replaces an accepted one, in any order of pausing, losing the workspace and resuming.
 */
export const tokensProperty = (product: Product) =>
  fc.asyncProperty(operations, fc.scheduler(), async (steps, scheduler) => {
    const platform = new Platform();
    let isCalm = false;
    const shared = new Shared(platform, async () => {
      if (!isCalm) await scheduler.schedule(Promise.resolve());
    });
    const runners = [new Runner(product, shared, platform), new Runner(product, shared, platform)] as const;
    runners[0].own(true);
    /** Each runner's steps run one after another; the two runners run concurrently. */
    const running = [Promise.resolve(), Promise.resolve()];
    const schedule = async () => {
      for (const operation of steps) {
        await scheduler.schedule(Promise.resolve(), operation.step);
        if ("runner" in operation) {
          const { runner, step } = operation;
          running[runner] = Promise.resolve(running[runner]).then(async () => {
            await runners[runner][step]();
          });
        } else if (operation.step === "revoke") platform.revokeAll();
        else if (operation.step === "put") {
          const token = platform.mint();
          await shared.change(token, () => shared.storage.write(token));
        } else if (operation.step === "move") {
          for (const runner of runners) runner.own(!runner.isOwner);
        } else shared.isDown = operation.step === "down";
      }
      await Promise.all(running);
    };
    await scheduler.waitFor(schedule());
    isCalm = true;
    shared.isDown = false;
    const goOn = async () => {
      let isKept = false;
      for (let round = 0; round < 4; round += 1) {
        for (const each of runners) {
          await each.resume();
          isKept = (await each.offer()) || isKept;
          await each.heartbeat();
          await each.register();
        }
      }
      return isKept;
    };
    // A spilled token that may be older than the stored one waits until its runner owns the workspace.
    if (await goOn()) {
      for (const runner of runners) runner.own(!runner.isOwner);
      await goOn();
    }
    const stored = await shared.storage.read();
    if (platform.live.size === 0) throw new Error("no token is live");
    if (stored === null || !platform.live.has(stored)) throw new Error("the live token is not stored");
  });
