import { queryOf, readState, type ViewState } from "./view-state.ts";

/** Keeps the view in the URL. */
export class View {
  #state = readState(location.search);
  readonly #changed: (state: ViewState, before: ViewState) => void;

  constructor(changed: (state: ViewState, before: ViewState) => void) {
    this.#changed = changed;
    addEventListener("popstate", () => this.#become(readState(location.search)));
  }

  get state(): ViewState {
    return this.#state;
  }

  /** Changes the view, with a new history entry. */
  push(change: Partial<ViewState>): void {
    const next = { ...this.#state, ...change };
    if (queryOf(next) === queryOf(this.#state)) return;
    history.pushState(null, "", `${location.pathname}${queryOf(next)}`);
    this.#become(next);
  }

  /** Changes the view in the current history entry, as while typing. */
  replace(change: Partial<ViewState>): void {
    const next = { ...this.#state, ...change };
    history.replaceState(null, "", `${location.pathname}${queryOf(next)}`);
    this.#become(next);
  }

  #become(state: ViewState): void {
    const before = this.#state;
    this.#state = state;
    this.#changed(state, before);
  }
}
