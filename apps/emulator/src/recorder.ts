import { bytesOf, MAX_REQUEST_BYTES, MAX_REQUESTS } from "./limits.ts";
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

/** The recorder's own handle on a request that is still in flight. */
export type OpenRecord = { -readonly [K in keyof RecordedRequest]: RecordedRequest[K] };

/** Stands in the place of a request that is kept no more. */
const EVICTED: OpenRecord = {
  at: 0,
  method: "",
  path: "",
  headers: {},
  body: undefined,
  workspaceId: null,
  status: null,
};

/** Keeps the newest requests, at a constant cost for each. */
export class Recorder {
  readonly #ring: OpenRecord[] = [];
  /** How many bytes each of those that are kept has. */
  readonly #sizes = new WeakMap<OpenRecord, number>();
  readonly #redact: Redactor;
  #oldest = 0;
  #count = 0;
  #bytes = 0;

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
    if (this.#count === MAX_REQUESTS) this.#evictOldest();
    this.#ring[(this.#oldest + this.#count) % MAX_REQUESTS] = record;
    this.#count += 1;
    this.#sizes.set(record, 0);
    this.#grow(record, bytesOf(record));
    return record;
  }

  /** Fills in the body, without its tokens. */
  body(record: OpenRecord, body: unknown): void {
    record.body = this.#redact(body);
    this.#grow(record, bytesOf(record.body));
  }

  /** Fills in whom it was about, unless that is known: an id is what the client says it is, even a token. */
  workspace(record: OpenRecord, id: string | null): void {
    record.workspaceId ??= this.#redact(id);
  }

  /** What was recorded, oldest first: a copy, which later requests do not change. */
  all(): RecordedRequest[] {
    const inOrder = [...this.#ring.slice(this.#oldest), ...this.#ring.slice(0, this.#oldest)];
    return inOrder.slice(0, this.#count).map((record) => ({ ...record }));
  }

  #grow(record: OpenRecord, by: number): void {
    const before = this.#sizes.get(record);
    // It is forgotten already.
    if (before === undefined) return;
    this.#sizes.set(record, before + by);
    this.#bytes += by;
    while (this.#bytes > MAX_REQUEST_BYTES) this.#evictOldest();
  }

  #evictOldest(): void {
    const record = this.#ring[this.#oldest];
    if (record === undefined) return;
    this.#bytes -= this.#sizes.get(record) ?? 0;
    this.#sizes.delete(record);
    this.#ring[this.#oldest] = EVICTED;
    this.#oldest = (this.#oldest + 1) % MAX_REQUESTS;
    this.#count -= 1;
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
