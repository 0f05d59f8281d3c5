import type { Dispatcher } from "undici";

/** A request of a bare client. */
interface BareRequest {
  readonly path: string;
  readonly method: "GET" | "POST";
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Sends a request. @returns the answer's body */
export type Send = (request: BareRequest) => Promise<unknown>;

/** The usual way. */
export const byRequest =
  (client: Dispatcher, origin: string): Send =>
  async (request) => {
    const { body } = await client.request({ origin, ...request });
    return body.json();
  };

/** The minimum with the same client: a custom handler, and no stream. */
export const byDispatch =
  (client: Dispatcher, origin: string): Send =>
  (request) =>
    new Promise((resolve, reject) => {
      client.dispatch({ origin, ...request }, new Answer(resolve, reject));
    });

class Answer implements Dispatcher.DispatchHandler {
  readonly #resolve: (value: unknown) => void;
  readonly #reject: (error: Error) => void;
  #text = "";

  constructor(resolve: (value: unknown) => void, reject: (error: Error) => void) {
    this.#resolve = resolve;
    this.#reject = reject;
  }

  onRequestStart(): void {}

  onResponseStart(): void {}

  onResponseData(_: unknown, chunk: Buffer): void {
    this.#text += chunk.toString("utf8");
  }

  onResponseEnd(): void {
    this.#resolve(JSON.parse(this.#text));
  }

  onResponseError(_: unknown, error: Error): void {
    this.#reject(error);
  }
}
