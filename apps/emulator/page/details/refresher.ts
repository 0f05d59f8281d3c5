import { fetchList } from "../controls.ts";

/** The minimum interval between two fetches of a list. */
const EVERY_MS = 500;

/** Fetches a list of the open workspace whenever it changes. */
export class Refresher {
  readonly #name: "requests" | "messages";
  readonly #show: (list: unknown[]) => void;
  #id: string | null = null;
  #isFetching = false;
  #isStale = false;

  constructor(name: "requests" | "messages", show: (list: unknown[]) => void) {
    this.#name = name;
    this.#show = show;
  }

  open(id: string | null): void {
    this.#id = id;
    this.changed();
  }

  changed(): void {
    this.#isStale = true;
    if (!this.#isFetching) void this.#fetch();
  }

  async #fetch(): Promise<void> {
    const id = this.#id;
    if (id === null || !this.#isStale) return;
    this.#isFetching = true;
    this.#isStale = false;
    const list = await fetchList(id, this.#name);
    if (list && id === this.#id) this.#show(list);
    // Another workspace was opened meanwhile, and must not wait.
    if (id === this.#id) await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    this.#isFetching = false;
    void this.#fetch();
  }
}
