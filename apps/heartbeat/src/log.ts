import { type Logger, pino, stdTimeFunctions } from "pino";
import pretty from "pino-pretty";

export type { Logger };

/** Lines for people on a terminal, JSON otherwise. */
export function createLogger(terminal: boolean = process.stdout.isTTY === true): Logger {
  const options = { base: null, timestamp: stdTimeFunctions.isoTime };
  if (!terminal) return pino(options, pino.destination({ dest: 1, sync: true }));
  const stream = pretty({
    sync: true,
    colorize: process.env.NO_COLOR === undefined || process.env.NO_COLOR === "",
    translateTime: "SYS:HH:MM:ss",
    ignore: "workspace",
    messageFormat: "{if workspace}{workspace}: {end}{msg}",
  });
  return pino(options, stream);
}
