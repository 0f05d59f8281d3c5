import type { Env } from "@x/auth-core";
import type { ProcessOutputs } from "@x/emulator/output";
import type { LogFormat, LogSettings } from "../config/log-flags.ts";
import { isJournal } from "./journald.ts";
import type { Log } from "./log-message.ts";
import { createLog, type LogOptions } from "./logger.ts";

/** One of the process's own streams. */
export interface LogStream {
  readonly to: NodeJS.WriteStream & { readonly fd: number };
  readonly print: (text: string) => void;
}

/** Standard error is for a log that accompanies a command's own output. */
export function streamOf({ out, err }: ProcessOutputs, name: "stdout" | "stderr"): LogStream {
  const output = name === "stdout" ? out : err;
  return { to: process[name], print: (text) => output.write(text) };
}

/** The format of the lines: readable text on a terminal, `key=value` in systemd's journal, else JSON. */
export function readStyle(
  { logFormat }: Pick<LogSettings, "logFormat">,
  { to }: LogStream,
  env: Env,
): Required<Pick<LogOptions, "format" | "color" | "priorities">> {
  const priorities = isJournal(to.fd, env);
  const byDefault: LogFormat = to.isTTY ? "pretty" : priorities ? "logfmt" : "json";
  // https://no-color.org
  const color = to.isTTY && !env.NO_COLOR && to.hasColors(16, { ...env });
  return { format: logFormat ?? byDefault, color, priorities };
}

/** A log on one of the process's own streams. */
export function openLog(settings: LogSettings, stream: LogStream, env: Env): Log {
  const options = { level: settings.logLevel, runner: null, ...readStyle(settings, stream, env) };
  return createLog(options, stream.print);
}
