import type { Dispatcher } from "undici";

/** What happens to a request. */
export interface Handler extends Dispatcher.DispatchHandler {
  /** Nothing waits for its answer any more. */
  readonly isSettled: boolean;
}

/** A request that waits for its turn. */
export interface Waiting {
  readonly options: Dispatcher.DispatchOptions;
  readonly handler: Handler;
}

/** The connection at which a request has its turn. */
export interface Place {
  /** Sending starts. */
  begins(turn: Turn): void;
  /** It failed before it started. */
  fails(turn: Turn): void;
}

type Controller = Dispatcher.DispatchController;

/** Made once: each would otherwise record a stack trace, which nothing reads. */
const NOT_NEEDED = new Error("no longer needed here");

/**
 * A request assigned to one connection. Until sending starts it can be taken back and sent over another one.
 */
export class Turn implements Dispatcher.DispatchHandler {
  readonly request: Waiting;
  /** When it was assigned to this connection. */
  readonly since: number;
  readonly #place: Place;
  #hasBegun = false;
  #isTakenBack = false;
  /** It can no longer start. */
  isOver = false;

  constructor(request: Waiting, place: Place, since: number) {
    this.request = request;
    this.#place = place;
    this.since = since;
  }

  takeBack(): Waiting {
    this.#isTakenBack = true;
    return this.request;
  }

  onRequestStart(controller: Controller, context: unknown): void {
    this.#hasBegun = true;
    this.#place.begins(this);
    // Throwing ends it before anything is sent, and keeps the connection.
    if (this.#isTakenBack || this.request.handler.isSettled) throw NOT_NEEDED;
    this.request.handler.onRequestStart?.(controller, context);
  }

  onResponseStart(...given: [Controller, number, Record<string, string | string[]>, string?]): void {
    this.request.handler.onResponseStart?.(...given);
  }

  onResponseData(controller: Controller, chunk: Buffer): void {
    this.request.handler.onResponseData?.(controller, chunk);
  }

  onResponseEnd(controller: Controller, trailers: Record<string, string | string[]>): void {
    this.request.handler.onResponseEnd?.(controller, trailers);
  }

  onResponseError(controller: Controller, error: Error): void {
    this.isOver = true;
    if (!this.#hasBegun) this.#place.fails(this);
    if (!this.#isTakenBack) this.request.handler.onResponseError?.(controller, error);
  }
}
