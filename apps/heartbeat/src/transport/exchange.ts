import type { Clock } from "../clock.ts";
import type { AbortListener, AbortListeners } from "./abort-listeners.ts";
import type {
  ResponseHandler,
  ResponseHeaders,
  Transport,
  TransportController,
  TransportRequest,
} from "./transport.ts";

/** No answer of the platform is larger; of one that is, the rest is not read. */
const MAX_BODY_BYTES = 1024 * 1024;

export interface Answer {
  readonly status: number;
  readonly headers: ResponseHeaders;
  /** `null`: there was more than anybody should have to read. */
  readonly body: Buffer | null;
}

/** Why there was no answer, as a code: `STOPPED`, `TIMEOUT`, `ECONNREFUSED`. */
export interface NoAnswer {
  readonly failure: string;
}

export interface ExchangeLimits {
  readonly clock: Clock;
  /** For all of it: waiting for a connection, connecting, sending, and reading the answer to its end. */
  readonly timeoutMs: number;
  /** Gives the request up. */
  readonly signal?: AbortSignal | undefined;
  /** Through which the signal is listened to. */
  readonly listeners: AbortListeners;
}

/** Sends one request and reads the answer. Never rejects. */
export function exchange(
  transport: Transport,
  request: TransportRequest,
  limits: ExchangeLimits,
): Promise<Answer | NoAnswer> {
  return new Promise((settle) => {
    if (limits.signal?.aborted) settle({ failure: "STOPPED" });
    else transport.dispatch(request, new Exchange(limits, settle));
  });
}

/** A request in flight. Whatever ends it first settles it; what comes after that is not heard. */
class Exchange implements ResponseHandler, AbortListener {
  position = 0;
  readonly #limits: ExchangeLimits;
  readonly #settle: (result: Answer | NoAnswer) => void;
  readonly #cancelTimeout: () => void;
  #controller: TransportController | null = null;
  #isSettled = false;
  #status = 0;
  #headers: ResponseHeaders = {};
  readonly #chunks: Buffer[] = [];
  #size = 0;

  constructor(limits: ExchangeLimits, settle: (result: Answer | NoAnswer) => void) {
    const { clock, timeoutMs, signal, listeners } = limits;
    this.#limits = limits;
    this.#settle = settle;
    this.#cancelTimeout = clock.after(timeoutMs, () => this.#abandon({ failure: "TIMEOUT" }));
    if (signal !== undefined) listeners.add(signal, this);
  }

  onAbort(): void {
    this.#abandon({ failure: "STOPPED" });
  }

  onRequestStart(controller: TransportController): void {
    if (this.#isSettled) controller.abort(new Error("no longer needed"));
    else this.#controller = controller;
  }

  onResponseStart(_controller: TransportController, status: number, headers: ResponseHeaders): void {
    this.#status = status;
    this.#headers = headers;
  }

  onResponseData(_controller: TransportController, chunk: Buffer): void {
    if (this.#isSettled) return;
    this.#size += chunk.length;
    if (this.#size > MAX_BODY_BYTES) this.#abandon(this.#answer(null));
    else this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    const [first] = this.#chunks;
    this.#end(
      this.#answer(first !== undefined && this.#chunks.length === 1 ? first : Buffer.concat(this.#chunks)),
    );
  }

  onResponseError(_controller: unknown, error: Error): void {
    this.#end({ failure: codeOf(error) });
  }

  #answer(body: Buffer | null): Answer {
    return { status: this.#status, headers: this.#headers, body };
  }

  /** Settles, and closes the connection: on it there may be more to come. */
  #abandon(result: Answer | NoAnswer): void {
    this.#end(result);
    this.#controller?.abort(new Error("given up"));
  }

  #end(result: Answer | NoAnswer): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.#cancelTimeout();
    const { signal, listeners } = this.#limits;
    if (signal !== undefined) listeners.remove(signal, this);
    this.#chunks.length = 0;
    this.#settle(result);
  }
}

/** Only the code: a library's message may quote a header, and with it the token. */
function codeOf(error: unknown): string {
  const code: unknown = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : "TRANSPORT_FAILED";
}
