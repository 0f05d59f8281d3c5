import { Client, type Dispatcher } from "undici";
import type { Clock } from "../clock.ts";
import { type Handler, type Place, Turn, type Waiting } from "./turn.ts";

export interface GrowingPoolOptions {
  /** Maximum number of connections. */
  readonly connections: number;
  readonly clock: Clock;
  /** How to open one connection. */
  readonly client: Client.Options;
}

/** How long requests wait for busy connections before another one is opened, in milliseconds. */
const WAIT_MS = 100;

/** The same, while one is being opened. */
const CONNECTING_MS = 500;

/** One connection is added at a time for this many waiting requests. */
const WAITING_EACH = 16;

/** How many finished turns are kept at most. */
const FORGET_AFTER = 1_024;

/** One connection. */
class Lane implements Place {
  readonly client: Client;
  /** Starts as soon as the request in flight has ended; `null` when there is none yet. */
  next: Turn | null = null;
  readonly #owner: LaneOwner;

  constructor(client: Client, owner: LaneOwner) {
    this.client = client;
    this.#owner = owner;
  }

  begins(turn: Turn): void {
    this.#owner.forget(this, turn);
    this.#owner.prepare(this);
  }

  fails(turn: Turn): void {
    this.#owner.forget(this, turn);
  }
}

interface LaneOwner {
  /** Its next request has started or failed. */
  forget(lane: Lane, turn: Turn): void;
  /** Assigns a busy connection its next request. */
  prepare(lane: Lane): void;
}

/**
 * Connections to one origin, each with one request in flight. It starts with one and opens more for every 100 ms in
 * which requests wait: a burst of quick requests shares the existing connections instead of a TLS handshake each, and
 * one that hangs does not block the others.
 *
 * While requests wait, each connection is assigned its next one in advance, so that it need not become idle in between,
 * which costs a quarter of a request's time. Any idle connection takes it back.
 */
export class GrowingPool {
  readonly #origin: string;
  readonly #options: GrowingPoolOptions;
  readonly #lanes: Lane[] = [];
  /** The most recently used one is used next, so that unneeded ones become idle and close. */
  readonly #free: Lane[] = [];
  /** In order, from `#next` on; those before are cleared, or they would survive garbage collections. */
  #waiting: (Waiting | undefined)[] = [];
  #next = 0;
  /** Taken back from a connection; these go first. */
  readonly #again: Waiting[] = [];
  /** How many connections have a next request. */
  #prepared = 0;
  /** Since when requests wait, or since the last connection was added. */
  #since = 0;
  #isTimed = false;

  readonly #laneOwner: LaneOwner = {
    forget: (lane, turn) => this.#forget(lane, turn),
    prepare: (lane) => this.#prepare(lane),
  };

  constructor(origin: string, options: GrowingPoolOptions) {
    this.#origin = origin;
    this.#options = options;
    this.#grow();
  }

  /** Sends the request when its turn comes. */
  dispatch(options: Dispatcher.DispatchOptions, handler: Handler): void {
    const lane = this.#free.pop();
    if (lane !== undefined) {
      this.#send(lane, { options, handler });
      return;
    }
    if (this.#waitingCount === 0) this.#since = this.#options.clock.monotonic();
    this.#waiting.push({ options, handler });
    this.#watch();
  }

  /** Aborts everything in flight and closes all connections. */
  async destroy(): Promise<void> {
    await Promise.all(this.#lanes.map(({ client }) => client.destroy()));
  }

  get #waitingCount(): number {
    return this.#again.length + this.#waiting.length - this.#next + this.#prepared;
  }

  #send(lane: Lane, request: Waiting): void {
    const turn = new Turn(request, lane, this.#options.clock.monotonic());
    const isFree = lane.client.dispatch(request.options, turn);
    // For a request that cannot be sent, there is nothing left to wait for.
    if (isFree || turn.isOver) this.#use(lane);
  }

  /** Assigns a busy connection its next request. */
  #prepare(lane: Lane): void {
    if (lane.next !== null) return;
    const request = this.#take();
    if (request === undefined) return;
    const turn = new Turn(request, lane, this.#options.clock.monotonic());
    lane.next = turn;
    this.#prepared += 1;
    lane.client.dispatch(request.options, turn);
  }

  #forget(lane: Lane, turn: Turn): void {
    if (lane.next !== turn) return;
    lane.next = null;
    this.#prepared -= 1;
  }

  #grow(): void {
    const client = new Client(this.#origin, this.#options.client);
    const lane = new Lane(client, this.#laneOwner);
    this.#lanes.push(lane);
    client.on("drain", () => this.#use(lane));
    this.#use(lane);
  }

  #use(lane: Lane): void {
    const next = this.#take() ?? this.#takeBack();
    if (next === undefined) this.#free.push(lane);
    else this.#send(lane, next);
  }

  #take(): Waiting | undefined {
    for (;;) {
      const first = this.#again.pop() ?? this.#shift();
      if (first === undefined || !first.handler.isSettled) return first;
    }
  }

  #shift(): Waiting | undefined {
    const first = this.#waiting[this.#next];
    if (first === undefined) return undefined;
    this.#waiting[this.#next] = undefined;
    this.#next += 1;
    if (this.#next === this.#waiting.length || this.#next === FORGET_AFTER) {
      this.#waiting = this.#waiting.slice(this.#next);
      this.#next = 0;
    }
    return first;
  }

  /** The turn that has waited longest for a busy connection. */
  #takeBack(): Waiting | undefined {
    while (this.#prepared > 0) {
      const [first, ...others] = this.#lanes.filter(({ next }) => next !== null);
      if (first === undefined) return undefined;
      const since = ({ next }: Lane) => next?.since ?? 0;
      const lane = others.reduce((oldest, each) => (since(each) < since(oldest) ? each : oldest), first);
      const request = lane.next?.takeBack();
      if (lane.next !== null) this.#forget(lane, lane.next);
      if (request?.handler.isSettled === false) return request;
    }
    return undefined;
  }

  #watch(): void {
    if (this.#isTimed) return;
    this.#isTimed = true;
    this.#options.clock.after(WAIT_MS, () => {
      this.#isTimed = false;
      if (this.#waitingCount === 0) return;
      const now = this.#options.clock.monotonic();
      this.#takeBackSince(now - WAIT_MS);
      this.#growIfNeeded(now);
      this.#watch();
    });
  }

  /** Its connection is busy with a slow request. */
  #takeBackSince(since: number): void {
    for (const lane of this.#lanes) {
      const { next } = lane;
      if (next === null || next.since > since) continue;
      this.#forget(lane, next);
      this.#again.push(next.takeBack());
    }
  }

  #growIfNeeded(now: number): void {
    const { connections } = this.#options;
    if (this.#lanes.length === connections) return;
    const isConnecting = this.#lanes.some(({ client }) => !client.stats.connected);
    if (now - this.#since < (isConnecting ? CONNECTING_MS : WAIT_MS)) return;
    this.#since = now;
    const wanted = Math.ceil(this.#waitingCount / WAITING_EACH);
    const more = Math.min(wanted, connections - this.#lanes.length);
    for (let count = 0; count < more; count += 1) this.#grow();
  }
}
