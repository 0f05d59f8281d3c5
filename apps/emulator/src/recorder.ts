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

/** How many requests are kept, at most, */
const KEPT = 10_000;
/** and how much of what they said, in characters of JSON: fewer of them when they are large. */
const MAX_KEPT_LENGTH = 64 * 1024 * 1024;

/** Stands in the place of a request that is kept no more. */
const FORGOTTEN: OpenRecord = {
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
  /** How long each of those that are kept is. */
  readonly #lengths = new WeakMap<OpenRecord, number>();
  readonly #redact: Redactor;
  #oldest = 0;
  #count = 0;
  #length = 0;

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
    if (this.#count === KEPT) this.#forgetOldest();
    this.#ring[(this.#oldest + this.#count) % KEPT] = record;
    this.#count += 1;
    this.#lengths.set(record, 0);
    this.#grow(record, lengthOf(record));
    return record;
  }

  /** Fills in the body, without its tokens. */
  body(record: OpenRecord, body: unknown): void {
    record.body = this.#redact(body);
    this.#grow(record, lengthOf(record.body));
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
    const before = this.#lengths.get(record);
    // It is forgotten already.
    if (before === undefined) return;
    this.#lengths.set(record, before + by);
    this.#length += by;
    while (this.#length > MAX_KEPT_LENGTH) this.#forgetOldest();
  }

  #forgetOldest(): void {
    const record = this.#ring[this.#oldest];
    if (record === undefined) return;
    this.#length -= this.#lengths.get(record) ?? 0;
    this.#lengths.delete(record);
    this.#ring[this.#oldest] = FORGOTTEN;
    this.#oldest = (this.#oldest + 1) % KEPT;
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

function lengthOf(value: unknown): number {
  return JSON.stringify(value)?.length ?? 0;
}
