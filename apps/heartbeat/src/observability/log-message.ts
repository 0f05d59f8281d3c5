/** One line of the log. */
export interface LogMessage {
  readonly level: "trace" | "debug" | "info" | "warn" | "error";
  /** What happened, stable across versions: filter and alert on this, never on the text. */
  readonly code: string;
  /** For people: what happened, and what to do about it. */
  readonly text: string;
}
