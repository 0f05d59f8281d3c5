import type { Signal } from "@x/auth-core";
import { networkErrorCode, type TransportRequest, type TransportResponse } from "@x/platform-client";
import type { AbortListener, AbortListeners } from "./abort-listeners.ts";
import { withoutCoding } from "./content-coding.ts";
import type { Deadlines, Timed } from "./deadlines.ts";
import type { SchemeCheck } from "./scheme-check.ts";

type HeaderFields = Readonly<Record<string, string | string[] | undefined>>;

/** Aborts a request and closes its connection, because more of the answer may follow on it. */
interface Controller {
  abort(reason: Error): void;
}

/** What the requests of a connection share. */
export interface ExchangeContext {
  readonly deadlines: Deadlines;
  /** Listens to the requests' signals. */
  readonly listeners: AbortListeners;
  /** Finds out why plain requests fail; `null` when they are not plain. */
  readonly schemeCheck: SchemeCheck | null;
}

/** Settles the promise of a request. */
interface Settle {
  readonly resolve: (response: TransportResponse | PromiseLike<TransportResponse>) => void;
  /** With an error whose `code` says why. */
  readonly reject: (error: Error) => void;
}

/** A request in flight, as undici reports its progress. The first result settles it; later ones are ignored. */
export class Exchange implements AbortListener, Timed, TransportResponse {
  position = 0;
  endsAt = 0;
  earlier: Timed | null = null;
  later: Timed | null = null;
  status = 0;
  text: string | null = null;
  readonly #context: ExchangeContext;
  readonly #settle: Settle;
  readonly #signal: Signal | undefined;
  readonly #maxBytes: number;
  /** `null` when its deadline is in the shared list. */
  readonly #cancelTimeout: (() => void) | null;
  #controller: Controller | null = null;
  #isSettled = false;
  #fields: HeaderFields = {};
  /** Almost always there is just one. */
  #first: Buffer | null = null;
  #others: Buffer[] | null = null;
  #size = 0;

  constructor({ signal, timeoutMs, maxBytes }: TransportRequest, context: ExchangeContext, settle: Settle) {
    this.#context = context;
    this.#settle = settle;
    this.#signal = signal;
    this.#maxBytes = maxBytes;
    this.#cancelTimeout = context.deadlines.add(this, timeoutMs);
    if (signal?.aborted) this.#abandon("ABORTED");
    else if (signal !== undefined) context.listeners.add(signal, this);
  }

  /** Nothing waits for its answer any more. */
  get isSettled(): boolean {
    return this.#isSettled;
  }

  /** The answer's headers, in the form of a response's `headers`. */
  get headers(): this {
    return this;
  }

  get(name: string): string | null {
    return textOf(this.#fields[name]);
  }

  onTimeout(): void {
    this.#abandon("TIMEOUT");
  }

  onAbort(): void {
    this.#abandon("ABORTED");
  }

  onRequestStart(controller: Controller): void {
    if (this.#isSettled) controller.abort(new Error("no longer needed"));
    else this.#controller = controller;
  }

  /** Called again for each provisional answer (1xx) before the final one. */
  onResponseStart(_controller: unknown, status: number, fields: HeaderFields): void {
    this.status = status;
    this.#fields = fields;
  }

  onResponseData(_controller: unknown, chunk: Buffer): void {
    if (this.#isSettled) return;
    this.#size += chunk.length;
    if (this.#size <= this.#maxBytes) {
      if (this.#first === null) this.#first = chunk;
      else {
        this.#others ??= [];
        this.#others.push(chunk);
      }
      return;
    }
    this.#end();
    this.#resolve();
    this.#controller?.abort(new Error("too long"));
  }

  onResponseEnd(): void {
    if (this.#isSettled) return;
    this.text = this.#body();
    this.#end();
    this.#resolve();
  }

  onResponseError(_controller: unknown, error: Error): void {
    if (this.#isSettled) return;
    // Only the code: a library's message may quote a header and its token.
    this.#reject(this.#failure(networkErrorCode(error)));
  }

  /** Ends it. The received part of an answer is kept next to the error: a token in it is issued only once. */
  #failure(code: string): Error {
    const value: TransportResponse = { status: this.status, headers: this, text: this.#body() };
    this.#end();
    return Object.defineProperty(Object.assign(new Error(code), { code }), "received", { value });
  }

  /** `null` when it exceeds the limit. */
  #body(): string | null {
    const [first, others] = [this.#first, this.#others];
    if (first === null) return "";
    const bytes = others === null ? first : Buffer.concat([first, ...others]);
    const coding = this.get("content-encoding");
    return (coding === null ? bytes : withoutCoding(bytes, coding, this.#maxBytes))?.toString("utf8") ?? null;
  }

  #resolve(): void {
    const { schemeCheck } = this.#context;
    const isUnclear = schemeCheck?.isUnclearResponse(this) === true;
    this.#settle.resolve(isUnclear ? schemeCheck.response(this) : this);
  }

  #reject(error: Error): void {
    const { schemeCheck } = this.#context;
    // A server that began an answer speaks HTTP; and a token in that answer must not wait for a check.
    const isUnclear = this.status === 0 && schemeCheck?.isUnclearFailure(error) === true;
    if (!isUnclear) this.#settle.reject(error);
    else schemeCheck.failure(error).then(this.#settle.reject, this.#settle.reject);
  }

  #abandon(code: string): void {
    if (this.#isSettled) return;
    this.#settle.reject(this.#failure(code));
    this.#controller?.abort(new Error("aborted"));
  }

  #end(): void {
    this.#isSettled = true;
    if (this.#cancelTimeout === null) this.#context.deadlines.remove(this);
    else this.#cancelTimeout();
    if (this.#signal !== undefined) this.#context.listeners.remove(this.#signal, this);
    this.#first = null;
    this.#others = null;
  }
}

/** Several headers of one name are joined, as `Headers` does: the platform and an edge may both ask for a pause. */
const textOf = (value: string | string[] | undefined): string | null =>
  typeof value === "string" ? value : (value?.join(", ") ?? null);
