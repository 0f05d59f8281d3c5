import type { Clock } from "../../clock.ts";
import type { InboxMessage, MessageHandler } from "./message.ts";

/** Why a handler's signal aborts: its timeout, or the runner stops. */
const TIME_OVER = "time over";
export const STOPPING = "stopping";

/** Longer text is no answer: the platform accepts no message of that length. */
export const MAX_ANSWER_BYTES = 1_024 * 1_024;

/** How long a handler may take to end after its signal aborted: a process is killed after five seconds. */
const ABANDON_MS = 7_000;

/** The result of a handler. */
export type Handled =
  | { readonly kind: "answered"; readonly text: string | null }
  | { readonly kind: "failed"; readonly reason: string }
  /** The runner is stopping: the message stays unhandled. */
  | { readonly kind: "stopped" };

export interface HandleOptions {
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly log: (line: string) => void;
  /** Aborts when a running handler must end at once. */
  readonly stop: AbortSignal;
  /** Called when the handler ignores its aborted signal; from then on only its own workspace waits for it. */
  readonly onAbandoned: () => void;
}

/** Runs a handler with its timeout. Settles when it has ended; never rejects. */
export async function handle(
  handler: MessageHandler,
  message: InboxMessage,
  { clock, timeoutMs, log, stop, onAbandoned }: HandleOptions,
): Promise<Handled> {
  if (stop.aborted) return { kind: "stopped" };
  const controller = new AbortController();
  const { signal } = controller;
  let endWait = () => {};
  const stopped = new Promise<"stopped">((resolve) => {
    endWait = () => {
      controller.abort(STOPPING);
      // A handler that ignores its signal is not waited for.
      cancelAbandon();
      cancelAbandon = clock.after(1_000, () => resolve("stopped"));
    };
  });
  let cancelAbandon = () => {};
  stop.addEventListener("abort", endWait);
  const cancelTimeout = clock.after(timeoutMs, () => {
    controller.abort(TIME_OVER);
    cancelAbandon = clock.after(ABANDON_MS, onAbandoned);
  });
  const work = Promise.resolve()
    .then(() => handler(message, { signal, log }))
    .then(
      (text): Handled => outcomeOf(text),
      (error: unknown): Handled => ({ kind: "failed", reason: reasonOf(error) }),
    );
  const handled = await Promise.race([work, stopped]);
  cancelTimeout();
  cancelAbandon();
  stop.removeEventListener("abort", endWait);
  if (handled === "stopped") return { kind: "stopped" };
  // An answer after the timeout is still an answer.
  if (handled.kind === "answered") return handled;
  if (signal.reason === STOPPING) return { kind: "stopped" };
  return signal.aborted ? { kind: "failed", reason: `it took longer than ${timeoutMs / 1_000} s` } : handled;
}

function outcomeOf(text: unknown): Handled {
  if (text === undefined || text === null) return { kind: "answered", text: null };
  if (typeof text === "string") {
    // As the platform stores it, to be recognized in its feed.
    const stored = text.replaceAll("\0", "").replace(/\p{Cs}/gu, "\ufffd");
    if (Buffer.byteLength(stored) <= MAX_ANSWER_BYTES) return { kind: "answered", text: stored || null };
    return { kind: "failed", reason: `it returned more than ${MAX_ANSWER_BYTES / 1_024} KiB` };
  }
  return { kind: "failed", reason: "it returned something that is not text" };
}

/** What a handler threw or logged, as text. That can be anything, even something without a text. */
export function reasonOf(error: unknown, otherwise = "it threw a value that has no message"): string {
  try {
    return String(error instanceof Error ? error.message : error);
  } catch {
    return otherwise;
  }
}
