import { reasonOf } from "../workspace/inbox/handle.ts";
import type { HandlerOptions, InboxMessage, MessageHandler } from "../workspace/inbox/message.ts";
import type { FromThread, ToThread } from "./protocol.ts";

type Reply = Extract<ToThread, { readonly id: number }>;

interface Pending {
  settle(reply: Reply): void;
}

/** In the worker thread: passes messages to the main thread's handler. */
export class RemoteHandler {
  readonly #send: (message: FromThread) => void;
  readonly #pending = new Map<number, Pending>();
  #lastId = 0;

  constructor(send: (message: FromThread) => void) {
    this.#send = send;
  }

  readonly handle: MessageHandler = (message: InboxMessage, { signal, log }: HandlerOptions) => {
    const id = ++this.#lastId;
    return new Promise<string | null>((resolve, reject) => {
      const abort = () => this.#send({ type: "abort", id, reason: String(signal.reason) });
      const end = () => {
        signal.removeEventListener("abort", abort);
        this.#pending.delete(id);
      };
      signal.addEventListener("abort", abort);
      this.#pending.set(id, {
        settle(reply) {
          if (reply.type === "line") return log(reply.line);
          end();
          if (reply.type === "answer") resolve(reply.text);
          else reject(new Error(reply.reason));
        },
      });
      this.#send({ type: "message", id, message });
    });
  };

  receive(reply: Reply): void {
    this.#pending.get(reply.id)?.settle(reply);
  }
}

/** In the main thread: runs the handler for a worker thread. */
export class LocalHandler {
  readonly #handler: MessageHandler;
  readonly #send: (message: ToThread) => void;
  readonly #running = new Map<number, AbortController>();

  constructor(handler: MessageHandler, send: (message: ToThread) => void) {
    this.#handler = handler;
    this.#send = send;
  }

  async begin(id: number, message: InboxMessage): Promise<void> {
    const controller = new AbortController();
    this.#running.set(id, controller);
    const log = (line: unknown) =>
      this.#send({ type: "line", id, line: reasonOf(line, "something that has no text") });
    try {
      const answer: unknown = await this.#handler(message, { signal: controller.signal, log });
      if (typeof answer === "string") this.#send({ type: "answer", id, text: answer });
      else if (answer === undefined || answer === null) this.#send({ type: "answer", id, text: null });
      else throw new Error("it returned something that is not text");
    } catch (error) {
      this.#send({ type: "failed", id, reason: reasonOf(error) });
    } finally {
      this.#running.delete(id);
    }
  }

  abort(id: number, reason: string): void {
    this.#running.get(id)?.abort(reason);
  }

  abortAll(reason: string): void {
    for (const controller of this.#running.values()) controller.abort(reason);
  }
}
