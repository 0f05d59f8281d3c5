import type { Signal } from "@x/auth-core";
import type { TransportRequest, TransportResponse } from "@x/platform-client";
import type { Clock } from "../clock.ts";
import type { AbortListener, AbortListeners } from "./abort-listeners.ts";

type HeaderFields = Readonly<Record<string, string | string[] | undefined>>;

/** Aborts a request, and closes its connection: more of the answer may follow on it. */
interface Controller {
  abort(reason: Error): void;
}

export interface ExchangeContext {
  readonly clock: Clock;
  /** Through which the request's signal is listened to. */
  readonly listeners: AbortListeners;
  readonly resolve: (response: TransportResponse) => void;
  /** With an error whose `code` says why. */
  readonly reject: (error: Error) => void;
}

/** A request in flight, as undici reports its progress. Whatever comes first settles it; what comes later is ignored. */
export class Exchange implements AbortListener, TransportResponse {
  position = 0;
  status = 0;
  text: string | null = null;
  readonly headers: { get(name: string): string | null };
  readonly #context: ExchangeContext;
  readonly #signal: Signal | undefined;
  readonly #maxBytes: number;
  readonly #cancelTimeout: () => void;
  #controller: Controller | null = null;
  #isSettled = false;
  #fields: HeaderFields = {};
  readonly #chunks: Buffer[] = [];
  #size = 0;

  constructor({ signal, timeoutMs, maxBytes }: TransportRequest, context: ExchangeContext) {
    this.#context = context;
    this.#signal = signal;
    this.#maxBytes = maxBytes;
    this.headers = { get: (name) => textOf(this.#fields[name]) };
    this.#cancelTimeout = context.clock.after(timeoutMs, () => this.#abandon("TIMEOUT"));
    if (signal?.aborted) this.#abandon("ABORTED");
    else if (signal !== undefined) context.listeners.add(signal, this);
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
      this.#chunks.push(chunk);
      return;
    }
    this.#end();
    this.#context.resolve(this);
    this.#controller?.abort(new Error("too long"));
  }

  onResponseEnd(): void {
    if (this.#isSettled) return;
    const [first] = this.#chunks;
    this.text = (
      first !== undefined && this.#chunks.length === 1 ? first : Buffer.concat(this.#chunks)
    ).toString("utf8");
    this.#end();
    this.#context.resolve(this);
  }

  onResponseError(_controller: unknown, error: Error): void {
    if (this.#isSettled) return;
    this.#end();
    // Only the code: a library's message may quote a header, and with it the token.
    this.#context.reject(
      withCode("code" in error && typeof error.code === "string" ? error.code : "NETWORK_ERROR"),
    );
  }

  #abandon(code: string): void {
    if (this.#isSettled) return;
    this.#end();
    this.#context.reject(withCode(code));
    this.#controller?.abort(new Error("aborted"));
  }

  #end(): void {
    this.#isSettled = true;
    this.#cancelTimeout();
    if (this.#signal !== undefined) this.#context.listeners.remove(this.#signal, this);
    this.#chunks.length = 0;
  }
}

const withCode = (code: string): Error => Object.assign(new Error(code), { code });

const textOf = (value: string | string[] | undefined): string | null =>
  typeof value === "string" ? value : (value?.[0] ?? null);
