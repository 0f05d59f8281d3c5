import type { AgentCard } from "../../transport/request-bodies.ts";
import { again, NEVER } from "../repeated.ts";
import type { Job, JobContext } from "./job.ts";

/** Sends the agent card to the platform when it has changed. */
export class AgentCardJob implements Job {
  readonly #context: JobContext;
  #card: AgentCard;
  #isChanged = false;
  #failed = NEVER;

  constructor(context: JobContext, card: AgentCard) {
    this.#context = context;
    this.#card = card;
  }

  current(): AgentCard {
    return this.#card;
  }

  /** The card to publish from now on. */
  set(card: AgentCard): void {
    this.#isChanged ||= JSON.stringify(card) !== JSON.stringify(this.#card);
    this.#card = card;
  }

  /** A registration has just sent the card. */
  sent(): void {
    this.#isChanged = false;
    this.#failed = NEVER;
  }

  async run(signal: AbortSignal | undefined): Promise<void> {
    if (!this.#isChanged) return;
    const { workspaceId, client, emit } = this.#context;
    const json = { workspace_id: workspaceId, agent_card: this.#card };
    const request = { method: "POST" as const, path: "registry/update-card", json, signal };
    const { outcome } = await client.send(request);
    if (outcome.kind !== "accepted") {
      this.#failed = again(this.#failed, outcome.why);
      emit({ type: "job-failed", what: "update-card", outcome, count: this.#failed.count });
      return;
    }
    this.#isChanged = false;
    this.#failed = NEVER;
    emit({ type: "card-updated" });
  }
}
