import { byId, setText } from "./dom.ts";
import { count } from "./format.ts";
import type { Filter, Kind } from "./model.ts";

/** In this order; the first two are always there, the others while there are any. */
const kinds: readonly (Kind | null)[] = [
  null,
  "online",
  "degraded",
  "offline",
  "unauthorized",
  "provisioning",
  "removed",
];

/** The summary by status, whose entries are the filter, and the search beside it. */
export class Filters {
  readonly #search = byId("search", HTMLInputElement);
  readonly #buttons = new Map<Kind | null, { button: HTMLButtonElement; number: HTMLElement }>();
  #kind: Kind | null = null;

  constructor(changed: () => void) {
    const group = byId("filters", HTMLElement);
    for (const kind of kinds) {
      const button = document.createElement("button");
      button.type = "button";
      if (kind) button.dataset.status = kind;
      const number = document.createElement("b");
      button.append(kind ?? "all", " ", number);
      button.addEventListener("click", () => {
        this.#kind = kind;
        changed();
      });
      this.#buttons.set(kind, { button, number });
      group.append(button);
    }
    this.#search.addEventListener("input", changed);
  }

  get value(): Filter {
    return { kind: this.#kind, text: this.#search.value };
  }

  render(counts: ReadonlyMap<Kind, number>, total: number): void {
    for (const [kind, { button, number }] of this.#buttons) {
      const found = kind === null ? total : (counts.get(kind) ?? 0);
      setText(number, count(found));
      button.hidden = found === 0 && kind !== null && kind !== "online" && kind !== this.#kind;
      button.setAttribute("aria-pressed", String(kind === this.#kind));
    }
  }
}
