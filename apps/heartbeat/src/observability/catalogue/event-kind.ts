import type { LogLevel } from "../../config/log-flags.ts";

/** The meaning of log lines with one code. Texts are Markdown, with links relative to `docs/`. */
export interface EventKind {
  /** The levels that its lines may have, the usual one first. */
  readonly levels: readonly LogLevel[];
  readonly what: string;
  /** What an operator should do about it. */
  readonly fix: string;
}

export interface EventGroup {
  readonly title: string;
  readonly events: Readonly<Record<string, EventKind>>;
}

export const NOTHING = "nothing";
