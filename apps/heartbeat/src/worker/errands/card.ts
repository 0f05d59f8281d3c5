import type { AgentCard } from "../messages.ts";
import { abortedBy, type Errand, type ErrandContext } from "./errand.ts";

export interface CardErrand extends Errand {
  /** What the workspace says of itself from now on. */
  set(card: AgentCard): void;
  current(): AgentCard;
  /** A registration has just told the platform. */
  told(): void;
}

/** Tells the platform when what the workspace says of itself has changed. */
export function createCardErrand(
  { workspaceId, client, notify }: ErrandContext,
  initial: AgentCard,
): CardErrand {
  let card = initial;
  let isNews = false;
  return {
    current: () => card,
    set(next) {
      isNews ||= JSON.stringify(next) !== JSON.stringify(card);
      card = next;
    },
    told() {
      isNews = false;
    },
    async run(signal) {
      if (!isNews) return;
      const json = { workspace_id: workspaceId, agent_card: card };
      const request = { method: "POST" as const, path: "registry/update-card", json, ...abortedBy(signal) };
      const { outcome } = await client.send(request);
      isNews = outcome.kind !== "accepted";
      notify(isNews ? { type: "errand-failed", what: "update-card", outcome } : { type: "card-updated" });
    },
  };
}
