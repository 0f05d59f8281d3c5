import { fetchList } from "../controls.ts";

/** So often at most a list is fetched again while its workspace changes. */
const EVERY_MS = 500;

/** Fetches a list of the workspace that is open whenever that changed. */
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
    // Another one was opened meanwhile, which is not to wait.
    if (id === this.#id) await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    this.#isFetching = false;
    void this.#fetch();
  }
}
