/** How much a line of the log matters. */
export type LogLevel = "trace" | "debug" | "info" | "warn" | "error";
export const LEVELS: readonly LogLevel[] = ["trace", "debug", "info", "warn", "error"];

/** What lines of the log with one code are about. Texts are Markdown, with links from `docs/`. */
export interface EventKind {
  /** The levels that its lines may have, the usual one first. */
  readonly levels: readonly LogLevel[];
  readonly what: string;
  /** What an operator does about it. */
  readonly fix: string;
}

export interface EventGroup {
  readonly title: string;
  readonly events: Readonly<Record<string, EventKind>>;
}

export const NOTHING = "nothing";
