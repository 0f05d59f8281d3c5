import { logfmt } from "@x/emulator/output";
import { type LoggerOptions, pino, stdTimeFunctions } from "pino";
import { prettyFactory } from "pino-pretty";
import type { LogFormat, LogLevel } from "../config/log-flags.ts";
import { cleanText } from "./clean-text.ts";
import { withPriority } from "./journald.ts";
import type { Log, LogFields } from "./log-message.ts";

/** Longer text is cut off. */
const MAX_TEXT_LENGTH = 8 * 1_024;

export interface LogOptions {
  readonly level: LogLevel;
  readonly format: LogFormat;
  /** A field of every line; `null` when there is only one runner. */
  readonly runner: string | null;
  /** Colours for `pretty`. @default false */
  readonly color?: boolean;
  /** Prefixes text with syslog priorities. @default false */
  readonly priorities?: boolean;
}

/** The fields of a pino line. */
interface Entry extends Readonly<Record<string, unknown>> {
  readonly level: LogLevel;
  readonly code: string;
  readonly workspace_id?: string;
  readonly msg: string;
}

/** A log that passes each line, with its line break, to `print`. */
export function createLog(options: LogOptions, print: (line: string) => void): Log {
  const logger = pino(settings(options), { write: printer(options, print) });
  const write = (level: LogLevel) => (fields: LogFields, text: string) => {
    const { code, workspace } = fields;
    logger[level]({ ...(workspace !== undefined && { workspace_id: workspace }), code }, bounded(text));
  };
  return {
    error: write("error"),
    warn: write("warn"),
    info: write("info"),
    debug: write("debug"),
    trace: write("trace"),
  };
}

const settings = ({ level, runner }: LogOptions): LoggerOptions => ({
  level,
  base: runner === null ? null : { runner },
  timestamp: stdTimeFunctions.isoTime,
  formatters: { level: (label) => ({ level: label }) },
});

function printer(options: LogOptions, print: (line: string) => void): (line: string) => void {
  if (options.format === "json") return print;
  const format = options.format === "logfmt" ? toLogfmt : prettifier(options);
  return (line) => {
    const entry: Entry = JSON.parse(line);
    const text = format(entry);
    print(options.priorities === true ? withPriority(entry.level, text) : text);
  };
}

const toLogfmt = ({ time, level, ...rest }: Entry): string => `${logfmt({ time, level, ...rest })}\n`;

/** Lines for people: what happened first, then the code to look it up by. */
function prettifier({ color = false }: LogOptions): (entry: Entry) => string {
  const prettify = prettyFactory({
    colorize: color,
    translateTime: "SYS:HH:MM:ss",
    include: "time,level",
    messageFormat({ workspace_id: workspace, msg, code, runner }, _key, _level, { colors }) {
      // The beginning of a line is always the log's own, whoever chose the paths and ids in its text.
      const text = cleanText(workspace ? `${workspace}: ${msg}` : String(msg)).replaceAll("\n", "\n  ");
      return `${text} ${colors.gray(runner === undefined ? `(${code})` : `(${code}) runner ${runner}`)}`;
    },
  });
  return prettify;
}

const bounded = (text: string): string =>
  text.length > MAX_TEXT_LENGTH ? `${text.slice(0, MAX_TEXT_LENGTH)}…` : text;
