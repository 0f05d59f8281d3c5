import { bytesOf, MAX_REQUEST_BYTES, MAX_REQUESTS } from "./limits.ts";
import type { RecordedAuthorization, RecordedHeaders, RecordedRequest } from "./recorded-request.ts";
import type { Redactor } from "./redact.ts";

/** The maximum size of a recorded answer, in bytes. */
const MAX_ANSWER_BYTES = 16 * 1024;

/** The recorder's handle of a request in flight. */
export type OpenRecord = { -readonly [K in keyof RecordedRequest]: RecordedRequest[K] };

/** The placeholder for an evicted request. */
const EVICTED: OpenRecord = {
  at: 0,
  method: "",
  path: "",
  headers: {},
  body: undefined,
  workspaceId: null,
  status: null,
  outcome: "waiting",
  latencyMs: null,
  answer: undefined,
};

/** Keeps the newest requests, at a constant cost for each. */
export class Recorder {
  readonly #ring: OpenRecord[] = [];
  /** The sizes of the kept requests, in bytes. */
  readonly #sizes = new WeakMap<OpenRecord, number>();
  readonly #redact: Redactor;
  #oldest = 0;
  #count = 0;
  #bytes = 0;

  constructor(redact: Redactor) {
    this.#redact = redact;
  }

  /** Records a request on arrival; the rest is filled in later. */
  open(
    request: Pick<RecordedRequest, "at" | "method" | "path">,
    headers: Record<string, string | string[] | undefined>,
    authorization: RecordedAuthorization | null,
  ): OpenRecord {
    const record: OpenRecord = {
      ...EVICTED,
      ...request,
      path: this.#redact(request.path),
      headers: this.#headers(headers, authorization),
    };
    if (this.#count === MAX_REQUESTS) this.#evictOldest();
    this.#ring[(this.#oldest + this.#count) % MAX_REQUESTS] = record;
    this.#count += 1;
    this.#sizes.set(record, 0);
    this.#grow(record, bytesOf(record));
    return record;
  }

  /** Adds the body, without its tokens. */
  body(record: OpenRecord, body: unknown): void {
    record.body = this.#redact(body);
    this.#grow(record, bytesOf(record.body));
  }

  /** Adds the answer's body, without its tokens. */
  answer(record: OpenRecord, payload: string): void {
    if (payload === "" || payload.length > MAX_ANSWER_BYTES) return;
    record.answer = this.#redact(parsed(payload));
    this.#grow(record, bytesOf(record.answer));
  }

  /** Adds the workspace, unless it is known: an id is client-supplied and might even be a token. */
  workspace(record: OpenRecord, id: string | null): void {
    record.workspaceId ??= this.#redact(id);
  }

  /** The recorded requests, oldest first: a copy, which later requests do not change. */
  all(): RecordedRequest[] {
    const inOrder = [...this.#ring.slice(this.#oldest), ...this.#ring.slice(0, this.#oldest)];
    return inOrder.slice(0, this.#count).map((record) => ({ ...record }));
  }

  #grow(record: OpenRecord, by: number): void {
    const before = this.#sizes.get(record);
    // It has been evicted.
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

/** Parsed JSON, or the text itself. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
