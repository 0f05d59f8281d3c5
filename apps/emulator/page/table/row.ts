import type { CardMessage } from "../../src/dashboard/messages.ts";
import { byId, only, setData, setText, slot } from "../dom.ts";
import { ago, duration, tokenText } from "../format.ts";
import { conditionOf } from "./condition.ts";
import { shapeElement } from "./shapes.ts";

const slots = ["status", "name", "id", "heartbeat", "latency", "failures", "token"] as const;

/** One workspace in the table. */
export class RowView {
  readonly element: HTMLTableRowElement;
  readonly button: HTMLButtonElement;
  readonly #slots: Readonly<Record<(typeof slots)[number], HTMLElement>>;
  readonly #shape = shapeElement();
  #card: CardMessage | null = null;

  constructor(id: string) {
    const template = byId("row-template", HTMLTemplateElement);
    this.element = only(document.importNode(template.content, true), "tr", HTMLTableRowElement);
    this.button = only(this.element, "button", HTMLButtonElement);
    this.#slots = Object.fromEntries(slots.map((name) => [name, slot(this.element, name)])) as Record<
      (typeof slots)[number],
      HTMLElement
    >;
    this.element.dataset.id = id;
    this.#slots.status.before(this.#shape.svg);
    setText(this.#slots.id, id);
    this.#slots.id.title = id;
  }

  /** Shows the workspace as of `now`. For an unchanged card, only ages are updated. */
  update(card: CardMessage, now: number): void {
    const { status, name, heartbeat, latency, failures, token } = this.#slots;
    setText(heartbeat, card.lastHeartbeatAt === null ? "none yet" : ago(now - card.lastHeartbeatAt));
    if (card === this.#card) return;
    this.#card = card;
    const condition = conditionOf(card);
    setData(this.element, "tone", condition.tone);
    this.#shape.show(condition.shape);
    setText(status, condition.text);
    setText(name, labelOf(card));
    name.title = card.name;
    setText(latency, card.latencyMs === null ? "–" : duration(card.latencyMs));
    setText(failures, String(card.failures));
    setData(failures, "some", String(card.failures > 0));
    setText(token, tokenText(card));
  }
}

/** A workspace's name, or else the beginning of its id. */
export function labelOf({ name, id }: CardMessage): string {
  return name.trim() === "" || name === id ? id.slice(0, 8) : name;
}
