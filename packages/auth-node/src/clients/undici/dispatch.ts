/**
 * The parts of undici that an interceptor uses. Declared here, so that only users of undici need to install its types.
 */

/** A request, as passed to undici's `dispatch`. */
export interface DispatchRequest {
  readonly method?: string;
  readonly origin?: string | URL | undefined;
  readonly headers?: unknown;
  readonly body?: unknown;
  readonly signal?: unknown;
}

/** Controls a request's connection. */
export interface Controller {
  /** Pauses the response. */
  pause(): void;
  resume(): void;
  abort(reason: unknown): void;
  readonly aborted?: boolean;
  readonly paused?: boolean;
  readonly reason?: unknown;
}

/** Receives the events of a request and its response. */
export interface Handler {
  onRequestStart?(controller: Controller, context: unknown): void;
  onRequestUpgrade?(controller: Controller, status: number, headers: unknown, socket: unknown): void;
  onResponseStart?(controller: Controller, status: number, headers: unknown, statusMessage?: string): void;
  onResponseData?(controller: Controller, chunk: Uint8Array): void;
  onResponseEnd?(controller: Controller, trailers: unknown): void;
  onResponseError?(controller: Controller, error: unknown): void;
}

/** Sends a request. */
export type Dispatch = (request: DispatchRequest, handler: Handler) => boolean;
