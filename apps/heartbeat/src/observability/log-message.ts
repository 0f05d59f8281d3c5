import type { LogLevel } from "../config/log-flags.ts";
import type { LogCode } from "./catalogue/catalogue.ts";

/** One line of the log. */
export interface LogMessage {
  readonly level: LogLevel;
  /** What happened, stable across versions: filter and alert on this, never on the text. */
  readonly code: string;
  /** For people: what happened and what to do about it. */
  readonly text: string;
}

/** A line that this package writes: its code is in the catalogue. */
export interface LogRecord extends LogMessage {
  readonly code: LogCode;
}

/** The fields of a line besides its text. */
export interface LogFields {
  readonly code: LogCode;
  /** The workspace that the line is about. @default none */
  readonly workspace?: string;
}

/** The log of a process. */
export type Log = { readonly [level in LogLevel]: (fields: LogFields, text: string) => void };
