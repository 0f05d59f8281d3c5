import type { Redactor } from "../redact.ts";
import type { TokenRecord } from "../tokens.ts";
import type { Workspace } from "../workspace.ts";
import type { CardMessage } from "./messages.ts";
import type { Vitals } from "./vitals.ts";

/** What a card is made of. */
export interface CardSource {
  readonly workspace: Workspace;
  readonly live: readonly TokenRecord[];
  readonly vitals: Vitals;
  readonly knowsFile: boolean;
}

/** Texts are cut to this: a card is no place for more, and an agent may send a megabyte. */
const MAX_TEXT = 240;

/** A workspace as a card shows it, without secrets. */
export function cardOf({ workspace, live, vitals, knowsFile }: CardSource, redact: Redactor): CardMessage {
  // First redacted and then cut, since half a token would no longer be recognised.
  const shown = (text: string) => cut(redact(text));
  return {
    id: workspace.id,
    name: shown(nameIn(workspace.agentCard)),
    status: workspace.status,
    polls: workspace.deliveryMode === "poll",
    wedged: workspace.runtimeState === "wedged",
    beats: workspace.beats,
    lastBeatAt: workspace.lastBeatAt,
    errorRate: workspace.errorRate,
    sampleError: shown(workspace.sampleError),
    activeTasks: workspace.activeTasks,
    currentTask: shown(workspace.currentTask),
    tokenPrefix: live.at(-1)?.prefix ?? null,
    liveTokens: live.length,
    knowsFile,
    samples: vitals.samples,
    refusals: vitals.refusals,
    recovery: vitals.recovery,
  };
}

/** At most 240 characters, with an ellipsis where more were there. */
export function cut(text: string): string {
  return text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT - 1)}…`;
}

function nameIn(agentCard: unknown): string {
  if (typeof agentCard !== "object" || agentCard === null) return "";
  const name: unknown = Reflect.get(agentCard, "name");
  return typeof name === "string" ? name : "";
}
