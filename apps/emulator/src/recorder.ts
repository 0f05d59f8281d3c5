import type { Redactor } from "./redact.ts";

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
  /** From the path or the body. */
  readonly workspaceId: string | null;
  /** What was answered; null while it is not, and for good when the connection was cut. */
  readonly status: number | null;
}

/** The recorder's own handle on a request that is still under way. */
export type OpenRecord = { -readonly [K in keyof RecordedRequest]: RecordedRequest[K] };

/** How many requests are kept. */
const KEPT = 10_000;

/** Keeps the newest requests, at a constant cost for each. */
export class Recorder {
  readonly #ring: OpenRecord[] = [];
  readonly #redact: Redactor;
  #next = 0;

  constructor(redact: Redactor) {
    this.#redact = redact;
  }

  /** Records a request on arrival; the rest is filled in when it is known. */
  open(
    request: Pick<RecordedRequest, "at" | "method" | "path">,
    headers: Record<string, string | string[] | undefined>,
    authorization: RecordedAuthorization | null,
  ): OpenRecord {
    const record: OpenRecord = {
      ...request,
      path: this.#redact(request.path),
      headers: this.#headers(headers, authorization),
      body: undefined,
      workspaceId: null,
      status: null,
    };
    this.#ring[this.#next] = record;
    this.#next = (this.#next + 1) % KEPT;
    return record;
  }

  /** Fills in the body, without its tokens. */
  body(record: OpenRecord, body: unknown): void {
    record.body = this.#redact(body);
  }

  /** Fills in whom it was about, unless that is known: an id is what the client says it is, even a token. */
  workspace(record: OpenRecord, id: string | null): void {
    record.workspaceId ??= this.#redact(id);
  }

  /** What was recorded, oldest first: a copy, which later requests do not change. */
  all(): RecordedRequest[] {
    const oldest = this.#ring.length < KEPT ? 0 : this.#next;
    return [...this.#ring.slice(oldest), ...this.#ring.slice(0, oldest)].map((record) => ({ ...record }));
  }

  #headers(
    headers: Record<string, string | string[] | undefined>,
    authorization: RecordedAuthorization | null,
  ): RecordedHeaders {
    const rest: Record<string, string> = {};
    for (const [name, value] of Object.entries(headers)) {
      if (name !== "authorization" && value !== undefined) rest[name] = String(value);
    }
    return { ...this.#redact(rest), ...(authorization && { authorization }) };
  }
}
