import type { CardMessage } from "../../src/dashboard/messages.ts";
import { byId, only } from "../dom.ts";
import { type Column, columns, type Sort } from "./columns.ts";
import { RowView } from "./row.ts";

/** Extra rows above and below the visible ones, so that scrolling shows no gaps. */
const OVERSCAN = 10;
const FIRST_ROW_HEIGHT = 30;

/** The table's actions. */
export interface TableActions {
  /** Opens the details of a workspace. */
  open(id: string): void;
  /** Closes them. */
  close(): void;
  sort(column: Column): void;
}

/**
 * All workspaces in one table; only the visible rows are rendered. One row is in the tab order; the arrow keys, Page Up
 * and Down, Home and End move the focus.
 */
export class Table {
  readonly #scroller = byId("scroller", HTMLElement);
  readonly #table = byId("workspaces-table", HTMLTableElement);
  readonly #body = byId("rows", HTMLTableSectionElement);
  readonly #before = byId("rows-before", HTMLTableRowElement);
  readonly #after = byId("rows-after", HTMLTableRowElement);
  readonly #views = new Map<string, RowView>();
  readonly #actions: TableActions;
  #cards: readonly CardMessage[] = [];
  #now = 0;
  #rowHeight = FIRST_ROW_HEIGHT;
  /** The viewport's height and scroll position, cached: reading them from the page forces a layout. */
  #height = 0;
  #scrollTop = 0;
  /** The row in the tab order. */
  #active: string | null = null;
  #opened: string | null = null;

  constructor(actions: TableActions) {
    this.#actions = actions;
    this.#scroller.addEventListener("scroll", () => this.#renderRows(this.#scroller.scrollTop), {
      passive: true,
    });
    new ResizeObserver(() => {
      this.#height = this.#scroller.clientHeight;
      this.#measure();
      this.#renderRows();
    }).observe(this.#scroller);
    this.#body.addEventListener("click", ({ target }) => {
      const id = target instanceof Element ? target.closest<HTMLElement>("[data-id]")?.dataset.id : undefined;
      if (id === undefined || getSelection()?.type === "Range") return;
      this.#active = id;
      actions.open(id);
    });
    this.#scroller.addEventListener("keydown", (event) => this.#keyPressed(event));
    for (const column of columns) {
      const button = only(this.#header(column), "button", HTMLButtonElement);
      button.addEventListener("click", () => actions.sort(column));
    }
  }

  /** Shows these workspaces in this order, with minimal changes to the document. */
  render(cards: readonly CardMessage[], now: number): void {
    const isFirst = this.#views.size === 0 && cards.length > 0;
    this.#cards = cards;
    this.#now = now;
    if (!cards.some(({ id }) => id === this.#active)) this.#active = cards[0]?.id ?? null;
    // Including the header.
    this.#table.setAttribute("aria-rowcount", String(cards.length + 1));
    this.#renderRows();
    if (isFirst) requestAnimationFrame(() => this.#measure());
  }

  showSort({ column, direction }: Sort): void {
    for (const each of columns) {
      const header = this.#header(each);
      if (each === column) header.setAttribute("aria-sort", direction);
      else header.removeAttribute("aria-sort");
    }
  }

  /** Marks the workspace whose details are open. */
  showOpened(id: string | null): void {
    this.#opened = id;
    this.#renderRows();
  }

  /** Focuses a row, and scrolls it into view. */
  focus(id: string): void {
    const index = this.#cards.findIndex((card) => card.id === id);
    if (index >= 0) this.#focusIndex(index);
    else this.#scroller.focus();
  }

  #renderRows(from = this.#scrollTop): void {
    // With fewer rows than before, the scroll range shrinks.
    const scrollTop = Math.max(0, Math.min(from, (this.#cards.length + 1) * this.#rowHeight - this.#height));
    this.#scrollTop = scrollTop;
    const first = Math.max(0, Math.floor(scrollTop / this.#rowHeight) - OVERSCAN);
    const last = Math.min(
      this.#cards.length,
      Math.ceil((scrollTop + this.#height) / this.#rowHeight) + OVERSCAN,
    );
    const shown = this.#cards.slice(first, last);
    this.#dropOthers(shown);
    let next: Element | null = this.#before.nextElementSibling;
    shown.forEach((card, offset) => {
      const view = this.#views.get(card.id) ?? new RowView(card.id);
      this.#views.set(card.id, view);
      view.update(card, this.#now);
      // The header is the first row.
      view.element.ariaRowIndex = String(first + offset + 2);
      view.button.tabIndex = card.id === this.#active ? 0 : -1;
      view.button.ariaCurrent = card.id === this.#opened ? "true" : null;
      if (view.element === next) next = next.nextElementSibling;
      else this.#body.insertBefore(view.element, next);
    });
    this.#space(this.#before, first);
    this.#space(this.#after, this.#cards.length - first - shown.length);
  }

  #dropOthers(shown: readonly CardMessage[]): void {
    const wanted = new Set(shown.map(({ id }) => id));
    for (const [id, { element }] of this.#views) {
      if (wanted.has(id)) continue;
      // Keeps the arrow keys working from here.
      if (element.contains(document.activeElement)) this.#scroller.focus({ preventScroll: true });
      element.remove();
      this.#views.delete(id);
    }
  }

  #space(spacer: HTMLTableRowElement, rows: number): void {
    const height = `${rows * this.#rowHeight}px`;
    spacer.hidden = rows === 0;
    if (spacer.style.height !== height) spacer.style.height = height;
  }

  /** Rows are higher with larger fonts. */
  #measure(): void {
    const [view] = this.#views.values();
    const height = view?.element.getBoundingClientRect().height ?? 0;
    if (height > 0) this.#rowHeight = height;
  }

  #keyPressed(event: KeyboardEvent): void {
    const isInRows = this.#body.contains(document.activeElement) || document.activeElement === this.#scroller;
    if (!isInRows || event.altKey || event.ctrlKey || event.metaKey || this.#cards.length === 0) return;
    const index = this.#cards.findIndex(({ id }) => id === this.#active);
    const page = Math.max(1, Math.floor(this.#scroller.clientHeight / this.#rowHeight) - 2);
    const last = this.#cards.length - 1;
    const wanted = {
      ArrowDown: index + 1,
      ArrowUp: index - 1,
      PageDown: index + page,
      PageUp: index - page,
      Home: 0,
      End: last,
    }[event.key];
    if (wanted !== undefined) {
      event.preventDefault();
      this.#focusIndex(Math.min(last, Math.max(0, wanted)));
    } else if (event.key === "Enter" && document.activeElement === this.#scroller && this.#active !== null) {
      this.#actions.open(this.#active);
    } else if (event.key === "Escape" && this.#opened !== null) {
      this.#actions.close();
    }
  }

  #focusIndex(index: number): void {
    const id = this.#cards[index]?.id;
    if (id === undefined) return;
    this.#active = id;
    const header = this.#table.tHead?.offsetHeight ?? 0;
    const top = index * this.#rowHeight;
    const room = this.#scroller.clientHeight - header - this.#rowHeight;
    const { scrollTop } = this.#scroller;
    if (top < scrollTop) this.#scroller.scrollTop = top;
    else if (top > scrollTop + room) this.#scroller.scrollTop = top - room;
    this.#renderRows(this.#scroller.scrollTop);
    this.#views.get(id)?.button.focus({ preventScroll: true });
  }

  #header(column: Column): HTMLTableCellElement {
    return only(this.#table, `th[data-column="${column}"]`, HTMLTableCellElement);
  }
}
