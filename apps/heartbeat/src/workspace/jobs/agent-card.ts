import type { AgentCard } from "@x/platform-client";
import { again, NEVER } from "../repeated.ts";
import type { Job, JobContext } from "./job.ts";

/** Sends the agent card to the platform when it has changed. */
export class AgentCardJob implements Job {
  readonly everyMs: number;
  readonly #context: JobContext;
  #card: AgentCard;
  #isChanged = false;
  #failed = NEVER;

  constructor(context: JobContext, card: AgentCard, everyMs: number) {
    this.#context = context;
    this.#card = card;
    this.everyMs = everyMs;
  }

  current(): AgentCard {
    return this.#card;
  }

  /** The card, if it has changed and has not been sent yet. */
  changed(): AgentCard | undefined {
    return this.#isChanged ? this.#card : undefined;
  }

  /** Sets the card to publish. */
  set(card: AgentCard): void {
    this.#isChanged ||= JSON.stringify(card) !== JSON.stringify(this.#card);
    this.#card = card;
  }

  /** A registration has just sent this card. */
  sent(card: AgentCard): void {
    if (card !== this.#card) return;
    this.#isChanged = false;
    this.#failed = NEVER;
  }

  run(signal: AbortSignal): Promise<void> | undefined {
    return this.#isChanged ? this.#send(signal) : undefined;
  }

  async #send(signal: AbortSignal): Promise<void> {
    const { client } = this.#context;
    const card = this.#card;
    const result = await client.updateCard(card, { signal });
    if (result.ok) {
      this.sent(card);
      this.#context.emit({ type: "card-updated" });
    } else if (!signal.aborted) {
      this.#failed = again(this.#failed, result.failure.code);
      const { failure } = result;
      this.#context.emit({ type: "job-failed", job: "agent card", failure, count: this.#failed.count });
    }
  }
}
