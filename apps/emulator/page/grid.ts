import type { CardMessage } from "../src/dashboard/messages.ts";
import { CardView } from "./card.ts";
import { byId } from "./dom.ts";

/** What the buttons of a card do. */
export type CardAction = "rotate" | "revoke" | "remove";

/** The cards on the page: those that are shown, and no others. */
export class Grid {
  readonly #list = byId("cards", HTMLUListElement);
  readonly #views = new Map<string, CardView>();

  constructor(act: (action: CardAction, id: string) => void) {
    this.#list.addEventListener("click", ({ target }) => {
      const button = target instanceof Element ? target.closest<HTMLElement>("button[data-do]") : null;
      const id = button?.closest<HTMLElement>("[data-id]")?.dataset.id;
      const action = button?.dataset.do;
      if (id !== undefined && isAction(action)) act(action, id);
    });
  }

  /** The workspace whose card has the focus. */
  get focused(): string | null {
    return document.activeElement?.closest<HTMLElement>("#cards [data-id]")?.dataset.id ?? null;
  }

  /** Shows these cards in this order, touching as little as possible. */
  render(cards: readonly CardMessage[], now: number): void {
    const wanted = new Set(cards.map(({ id }) => id));
    for (const [id, { element }] of this.#views) {
      if (wanted.has(id)) continue;
      element.remove();
      this.#views.delete(id);
    }
    let next = this.#list.firstElementChild;
    for (const card of cards) {
      const { element } = this.#show(card, now);
      if (element === next) next = next.nextElementSibling;
      else this.#list.insertBefore(element, next);
    }
  }

  /** Puts the focus on a card. */
  focus(id: string): void {
    this.#views.get(id)?.focus();
  }

  #show(card: CardMessage, now: number): CardView {
    const view = this.#views.get(card.id) ?? new CardView(card.id);
    this.#views.set(card.id, view);
    view.update(card, now);
    return view;
  }
}

function isAction(value: string | undefined): value is CardAction {
  return value === "rotate" || value === "revoke" || value === "remove";
}
