/** One request as it goes on the wire. */
export interface TransportRequest {
  readonly method: "GET" | "POST";
  /** With what is before it in the platform's base URL. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  /** Always 0, for none: the exchange has a limit of its own, for all of it together. */
  readonly headersTimeout: 0;
  readonly bodyTimeout: 0;
}

/** Header fields by their names in lower case. */
export type ResponseHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** The request's way back to whoever carries it. */
export interface TransportController {
  /** Ends the request, and the connection with it. */
  abort(reason: Error): void;
}

/** Receives the progress of one request. */
export interface ResponseHandler {
  /** The request has a connection. */
  onRequestStart(controller: TransportController): void;
  /** Called again for each answer that is only provisional (1xx), before the one that counts. */
  onResponseStart(controller: TransportController, status: number, headers: ResponseHeaders): void;
  onResponseData(controller: TransportController, chunk: Buffer): void;
  onResponseEnd(): void;
  onResponseError(controller: unknown, error: Error): void;
}

/** Carries requests to one origin. A part of undici's dispatcher, so that its pool is one; never throws. */
export interface Transport {
  dispatch(request: TransportRequest, handler: ResponseHandler): unknown;
  /** Ends what is in flight, and all connections. */
  destroy(): Promise<void>;
}
