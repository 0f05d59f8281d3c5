import { Problems } from "./problems.ts";

/** Severity of a log line. */
export type LogLevel = "trace" | "debug" | "info" | "warn" | "error";
export const LEVELS: readonly LogLevel[] = ["trace", "debug", "info", "warn", "error"];

/** Flags of the log, as the command line gives them. */
export interface LogFlags {
  readonly quiet?: boolean;
  readonly logLevel?: string;
  readonly logFormat?: string;
}

const FORMATS = ["json", "logfmt", "pretty"] as const;
export type LogFormat = (typeof FORMATS)[number];

export interface LogSettings {
  readonly logLevel: LogLevel;
  /** `null`: depends on where the log goes. */
  readonly logFormat: LogFormat | null;
}

/** @throws ConfigError with all problems at once */
export function readLogFlags(flags: LogFlags): LogSettings {
  const problems = new Problems();
  const settings: LogSettings = {
    logLevel: problems.attempt(() => levelOf(flags), "info"),
    logFormat: problems.attempt(() => formatOf(flags.logFormat), null),
  };
  problems.throwIfAny();
  return settings;
}

function levelOf({ quiet, logLevel: text }: LogFlags): LogLevel {
  if (quiet === true) {
    if (text === undefined) return "warn";
    throw new Error(
      "--quiet and --log-level contradict each other; --quiet is --log-level warn without a table.",
    );
  }
  const level = LEVELS.find((known) => known === (text ?? "info"));
  if (level !== undefined) return level;
  throw new Error(`--log-level must be one of ${LEVELS.join(", ")}.`);
}

function formatOf(text: string | undefined): LogFormat | null {
  if (text === undefined) return null;
  const format = FORMATS.find((known) => known === text);
  if (format !== undefined) return format;
  throw new Error(`--log-format must be one of ${FORMATS.join(", ")}.`);
}
