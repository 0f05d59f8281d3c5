import type { PlatformFailure } from "@x/platform-client";
import type { InboxLog } from "../../storage/workspace-store.ts";
import type { WorkspaceEvent } from "../events.ts";
import type { JobContext } from "../jobs/job.ts";
import { deliver } from "./deliver.ts";
import { handle } from "./handle.ts";
import { handlerLog, wordsCleaner } from "./handler-log.ts";
import type { InboxOptions } from "./inbox-options.ts";
import { answerIdOf } from "./message.ts";
import { type InboxItem, TRIES } from "./queue.ts";

/** Delays before the next attempts of a message. */
const PAUSES_MS = [10_000, 60_000];
const FIRST_SEND_PAUSE_MS = 5_000;
const LAST_SEND_PAUSE_MS = 300_000;
/** How often to try to send an answer to a receiver that cannot take it. */
const SEND_TRIES = 10;

const ERROR_ANSWER =
  "This message could not be handled. It was set aside for the operator of this workspace.";

interface Signals {
  /** Aborts the wait for a turn. */
  readonly stopWaiting: AbortSignal;
  readonly stopHandler: AbortSignal;
  readonly stopSending: AbortSignal;
}

interface MessageStepsOptions extends Signals {
  readonly context: JobContext;
  readonly options: InboxOptions;
  readonly log: InboxLog;
}

/** Takes a message from its handler to the delivery of its answer. */
export class MessageSteps {
  readonly #context: JobContext;
  readonly #options: InboxOptions;
  readonly #log: InboxLog;
  readonly #signals: Signals;
  /** The message whose handler is running. */
  handled: InboxItem | null = null;

  constructor({ context, options, log, ...signals }: MessageStepsOptions) {
    this.#context = context;
    this.#options = options;
    this.#log = log;
    this.#signals = signals;
  }

  /** Goes as far as possible now. The result of each step is kept in the item, so that none is repeated. */
  async advance(item: InboxItem): Promise<void> {
    if (item.step === "handle") await this.#handle(item);
    if (item.step === "set-aside") await this.#setAside(item);
    if (item.step === "store" && item.answer !== null) {
      await this.#log.append([{ answer: item.answer }]);
      item.step = "send";
    }
    if (item.step === "send") await this.#send(item);
  }

  async #handle(item: InboxItem): Promise<void> {
    const { settings, clock, auth } = this.#options;
    const { turns, onMessage, timeoutMs } = settings;
    const emit = (event: WorkspaceEvent) => this.#context.emit(event);
    if (!(await turns.take(this.#signals.stopWaiting))) return;
    let hasTurn = true;
    const release = () => {
      if (hasTurn) turns.release();
      hasTurn = false;
    };
    this.handled = item;
    const { message } = item;
    emit({ type: "message-received", from: message.from.id, messageId: item.label });
    const clean = await wordsCleaner(auth);
    const handled = await handle(onMessage, message, {
      clock,
      timeoutMs,
      log: handlerLog(clean, emit),
      stop: this.#signals.stopHandler,
      onAbandoned: release,
    });
    this.handled = null;
    release();
    if (handled.kind === "answered") this.#answer(item, handled.text);
    else if (handled.kind === "failed") await this.#failed(item, clean(handled.reason));
  }

  #answer(item: InboxItem, text: string | null): void {
    const { message, mayAnswer, row } = item;
    item.step = text === null || !mayAnswer ? "finish" : "store";
    if (item.step === "finish") this.#context.emit({ type: "message-handled", messageId: item.label });
    if (text === null || !mayAnswer) return;
    item.answer = {
      row,
      to: message.from.id,
      messageId: answerIdOf(message.workspace_id, row),
      inReplyTo: message.message_id,
      text,
    };
  }

  async #failed(item: InboxItem, reason: string): Promise<void> {
    item.failures += 1;
    const pauseMs = PAUSES_MS[item.failures - 1] ?? null;
    item.reason = reason;
    if (item.failures >= TRIES || pauseMs === null) item.step = "set-aside";
    else this.#postpone(item, pauseMs);
    this.#context.emit({
      type: "handler-failed",
      messageId: item.label,
      reason,
      count: item.failures,
      pauseMs: item.step === "set-aside" ? null : pauseMs,
    });
    await this.#log.append([{ failed: item.row, count: item.failures }]);
  }

  async #setAside(item: InboxItem, answer?: string): Promise<void> {
    const { message, mayAnswer, reason } = item;
    const failed_at = new Date(this.#options.clock.wall()).toISOString();
    await this.#log.setAside({ failed_at, reason, message, ...(answer !== undefined && { answer }) });
    const location = this.#log.failedLocation;
    this.#context.emit({ type: "message-set-aside", messageId: item.label, reason, location });
    if (answer === undefined) this.#answer(item, mayAnswer ? ERROR_ANSWER : null);
    else item.step = "finish";
  }

  async #send(item: InboxItem): Promise<void> {
    const { client } = this.#context;
    const { answer, isUncertain } = item;
    if (answer === null) return;
    const signal = this.#signals.stopSending;
    const delivery = await deliver(answer, { client, log: this.#log, isUncertain, signal });
    if (delivery.kind === "sent") {
      this.#context.emit({
        type: "message-answered",
        messageId: item.label,
        to: answer.to,
        outcome: delivery.outcome,
      });
      item.step = "finish";
      return;
    }
    const { failure } = delivery;
    if (failure.kind === "aborted") return;
    if (failure.code.startsWith("RECEIVER_")) item.receiverFailures += 1;
    const [messageId, count] = [item.label, item.sends + 1];
    this.#context.emit({ type: "answer-failed", messageId, to: answer.to, failure, count });
    if (delivery.kind === "rejected" || item.receiverFailures >= SEND_TRIES) {
      item.reason = `the answer could not be delivered: ${failure.message}`;
      await this.#setAside(item, answer.text);
      return;
    }
    item.isUncertain ||= delivery.isUncertain;
    item.sends += 1;
    this.#postpone(item, sendPause(item.sends, failure));
  }

  #postpone(item: InboxItem, ms: number): void {
    item.notBefore = this.#options.clock.monotonic() + ms;
  }
}

function sendPause(sends: number, { retryAfterMs }: PlatformFailure): number {
  const pauseMs = Math.min(LAST_SEND_PAUSE_MS, FIRST_SEND_PAUSE_MS * 2 ** Math.min(sends - 1, 16));
  return Math.max(pauseMs, retryAfterMs);
}
