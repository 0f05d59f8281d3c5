/** A runtime's known capabilities: a test fails if one changes. */
export interface Traits {
  /** Who sets `Origin`: the sending code or the browser. */
  readonly origin: "ours" | "the browser's";
  /** Whether a redirect exposes its target, which browsers hide from scripts. */
  readonly redirects: "shown" | "hidden";
  /** The supported storages of `@x/auth-browser`. */
  readonly storages: readonly StorageName[];
  /** Whether tabs can take turns: with Web Locks, or else IndexedDB. */
  readonly turns: boolean;
}

export type StorageName = "sessionStorage" | "localStorage" | "IndexedDB";

/** The runtime, and the servers that the tests use. */
export interface Setting {
  readonly traits: Traits;
  /** Base URL of the server in `platform.ts`. */
  readonly platform: string;
  /** The same server at another origin. */
  readonly elsewhere: string;
}
