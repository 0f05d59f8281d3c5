import type { AgentCard } from "../messages.ts";
import { again, NEVER } from "../repeated.ts";
import type { Errand, ErrandContext } from "./errand.ts";

/** Tells the platform when what the workspace says of itself has changed. */
export class CardErrand implements Errand {
  readonly #context: ErrandContext;
  #card: AgentCard;
  #isNews = false;
  #failed = NEVER;

  constructor(context: ErrandContext, card: AgentCard) {
    this.#context = context;
    this.#card = card;
  }

  current(): AgentCard {
    return this.#card;
  }

  /** What the workspace says of itself from now on. */
  set(card: AgentCard): void {
    this.#isNews ||= JSON.stringify(card) !== JSON.stringify(this.#card);
    this.#card = card;
  }

  /** A registration has just told the platform. */
  told(): void {
    this.#isNews = false;
    this.#failed = NEVER;
  }

  async run(signal: AbortSignal | undefined): Promise<void> {
    if (!this.#isNews) return;
    const { workspaceId, client, notify } = this.#context;
    const json = { workspace_id: workspaceId, agent_card: this.#card };
    const request = { method: "POST" as const, path: "registry/update-card", json, signal };
    const { outcome } = await client.send(request);
    if (outcome.kind !== "accepted") {
      this.#failed = again(this.#failed, outcome.why);
      notify({ type: "errand-failed", what: "update-card", outcome, count: this.#failed.count });
      return;
    }
    this.#isNews = false;
    this.#failed = NEVER;
    notify({ type: "card-updated" });
  }
}
