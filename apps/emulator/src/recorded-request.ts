/** What is recorded of an `Authorization` header: how, and a hash to compare with; never the token. */
export interface RecordedAuthorization {
  readonly scheme: string;
  /** Hex SHA-256 of what followed the scheme. */
  readonly sha256: string;
}

/** The headers of a recorded request, by lower-case name. */
export interface RecordedHeaders {
  readonly authorization?: RecordedAuthorization;
  readonly origin?: string;
  readonly host?: string;
  readonly "x-workspace-id"?: string;
  readonly "x-molecule-org-id"?: string;
  readonly [name: string]: string | RecordedAuthorization | undefined;
}

/**
 * How a request ended. `waiting`: it has not. `reset`: an outage reset the connection before the platform saw the request.
 * `lost`: the platform processed it, and an outage reset the connection before the answer. `abandoned`: the client
 * closed the connection before there was an answer.
 */
export type RequestOutcome = "waiting" | "answered" | "reset" | "lost" | "abandoned";

/** One request to the platform (the controls are not recorded). */
export interface RecordedRequest {
  /** When it arrived, ms on the emulator's clock. */
  readonly at: number;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly headers: RecordedHeaders;
  /** The parsed body without tokens; undefined when there was none, or it was never read. */
  readonly body: unknown;
  /** From the path or the body; where neither names one, the workspace that the token was issued to. */
  readonly workspaceId: string | null;
  /** What was answered; null while it is not, and for good when the connection was cut. */
  readonly status: number | null;
  readonly outcome: RequestOutcome;
  /** From its arrival to its end in real ms; null while it waits. */
  readonly latencyMs: number | null;
  /** The body of the answer without tokens, parsed where it is JSON; undefined when there was none, or one over 16 KiB. */
  readonly answer: unknown;
}
