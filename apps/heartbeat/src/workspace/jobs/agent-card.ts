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

  /** The card to publish from now on. */
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

  async run(signal: AbortSignal): Promise<void> {
    if (!this.#isChanged) return;
    const { client, emit } = this.#context;
    const card = this.#card;
    const result = await client.updateCard(card, { signal });
    if (result.ok) {
      this.sent(card);
      emit({ type: "card-updated" });
    } else if (!signal.aborted) {
      this.#failed = again(this.#failed, result.failure.code);
      emit({ type: "job-failed", job: "agent card", failure: result.failure, count: this.#failed.count });
    }
  }
}
