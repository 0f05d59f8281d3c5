/** The record of an `Authorization` header: the scheme, and a hash for comparison; never the token. */
export interface RecordedAuthorization {
  readonly scheme: string;
  /** Hex SHA-256 of the text after the scheme. */
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
 * A request's outcome. `waiting`: none yet. `reset`: an outage reset the connection before the platform saw the
 * request. `lost`: the platform processed it, and an outage reset the connection before the answer. `abandoned`: the
 * client closed the connection before the answer.
 */
export type RequestOutcome = "waiting" | "answered" | "reset" | "lost" | "abandoned";

/** One request to the platform (the controls are not recorded). */
export interface RecordedRequest {
  /** The time of arrival, in ms on the emulator's clock. */
  readonly at: number;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly headers: RecordedHeaders;
  /** The parsed body without tokens; undefined if there was none, or it was never read. */
  readonly body: unknown;
  /** From the path or the body; if neither names one, the token's workspace. */
  readonly workspaceId: string | null;
  /** The answer's status; null before the answer, or if the connection was cut. */
  readonly status: number | null;
  readonly outcome: RequestOutcome;
  /** From its arrival to its end in real ms; null while it waits. */
  readonly latencyMs: number | null;
  /** The answer's body without tokens, parsed if it is JSON; undefined if there was none, or one over 16 KiB. */
  readonly answer: unknown;
}
