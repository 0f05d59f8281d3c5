import { byId, setText } from "./dom.ts";
import { count, statusText } from "./format.ts";
import type { Kind } from "./model.ts";
import { kinds, type ViewState } from "./view-state.ts";

/** Kinds that are offered even if they are empty. */
const ALWAYS = new Set<Kind | null>([null, "problems", "online"]);

/** A person's filter. */
export interface FilterActions {
  kind(kind: Kind | null): void;
  search(text: string): void;
}

/** The summary by status, whose entries filter the table, and the search field next to it. */
export class Filters {
  readonly #search = byId("search", HTMLInputElement);
  readonly #buttons = new Map<Kind | null, { button: HTMLButtonElement; number: HTMLElement }>();

  constructor(actions: FilterActions) {
    const group = byId("filters", HTMLElement);
    for (const kind of [null, ...kinds]) {
      const button = document.createElement("button");
      button.type = "button";
      const number = document.createElement("b");
      button.append(labelOf(kind), " ", number);
      button.addEventListener("click", () => actions.kind(kind));
      this.#buttons.set(kind, { button, number });
      group.append(button);
    }
    this.#search.addEventListener("input", () => actions.search(this.#search.value));
  }

  show({ kind: chosen, search }: ViewState): void {
    if (this.#search.value !== search) this.#search.value = search;
    for (const [kind, { button }] of this.#buttons) button.ariaPressed = String(kind === chosen);
  }

  render(counts: ReadonlyMap<Kind, number>, total: number, chosen: Kind | null): void {
    for (const [kind, { button, number }] of this.#buttons) {
      const found = kind === null ? total : (counts.get(kind) ?? 0);
      setText(number, count(found));
      button.hidden = found === 0 && !ALWAYS.has(kind) && kind !== chosen;
    }
  }
}

function labelOf(kind: Kind | null): string {
  if (kind === null) return "all";
  return kind === "unauthorized" ? "token rejected" : statusText(kind);
}
