import { type Logger, pino, stdTimeFunctions } from "pino";
import { prettyFactory } from "pino-pretty";
import type { LogLevel } from "../config/operator-flags.ts";
import { cleanText } from "./clean-text.ts";

export type { Logger };

const options = (level: LogLevel) => ({ level, base: null, timestamp: stdTimeFunctions.isoTime });

/** JSON lines on standard output. */
export function createLogger(level: LogLevel): Logger {
  return pino(options(level), pino.destination({ dest: 1, sync: true }));
}

/** Lines for people, each with its line break at the end. */
export function prettyLogger(level: LogLevel, color: boolean, print: (text: string) => void): Logger {
  const prettify = prettyFactory({
    colorize: color,
    translateTime: "SYS:HH:MM:ss",
    ignore: "workspace,code",
    messageFormat: ({ workspace, msg }) => cleanText(workspace ? `${workspace}: ${msg}` : String(msg)),
  });
  return pino(options(level), { write: (line: string) => print(prettify(line)) });
}
