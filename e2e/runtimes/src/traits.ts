/** What a runtime can do, as it is known beforehand: a test fails when that is not so any more. */
export interface Traits {
  /** Who says what `Origin` is: the code that sends, or the browser. */
  readonly origin: "ours" | "the browser's";
  /** Whether a redirect shows where it leads. A browser hides that from scripts. */
  readonly redirects: "shown" | "hidden";
  /** Which of the storages of `@x/auth-browser` there are. */
  readonly storages: readonly StorageName[];
  /** Whether there is something to take turns by: Web Locks, or else IndexedDB. */
  readonly turns: boolean;
}

export type StorageName = "sessionStorage" | "localStorage" | "IndexedDB";

/** Where the tests run, and what they talk to. */
export interface Setting {
  readonly traits: Traits;
  /** Base URL of a server that answers as `platform.ts` says. */
  readonly platform: string;
  /** The same server under another origin. */
  readonly elsewhere: string;
}
