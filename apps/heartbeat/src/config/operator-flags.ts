import { isIP } from "node:net";
import { Problems } from "./problems.ts";

/** Flags for the operator of the runner, as the command line gives them. */
export interface OperatorFlags {
  readonly statusPort?: string;
  readonly statusHost?: string;
  readonly quiet?: boolean;
  readonly logLevel?: string;
}

export interface OperatorSettings {
  /** Where `/health` and `/metrics` are served; `null`: nowhere. */
  readonly status: StatusAddress | null;
  readonly logLevel: LogLevel;
  /** True when a table may be shown where there is a terminal. */
  readonly table: boolean;
}

export interface StatusAddress {
  /** An IP address. */
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
}

const LOG_LEVELS = ["trace", "debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Only this machine by default: the status holds no secret, but need not be public. */
const DEFAULT_STATUS_HOST = "127.0.0.1";

/** @throws ConfigError with all problems at once */
export function readOperatorFlags(flags: OperatorFlags): OperatorSettings {
  const problems = new Problems();
  const operator: OperatorSettings = {
    status: problems.attempt(() => statusAddress(flags), null),
    logLevel: problems.attempt(() => logLevel(flags), "info"),
    table: flags.quiet !== true,
  };
  problems.throwIfAny();
  return operator;
}

function statusAddress({ statusPort, statusHost }: OperatorFlags): StatusAddress | null {
  const problems = new Problems();
  const port = problems.attempt(() => portOf(statusPort), 0);
  const host = problems.attempt(() => hostOf(statusHost), DEFAULT_STATUS_HOST);
  problems.throwIfAny();
  if (port !== null) return { host, port };
  if (statusHost === undefined) return null;
  throw new Error("--status-host says where, but without --status-port nothing is served.");
}

function portOf(text: string | undefined): number | null {
  if (text === undefined) return null;
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new Error("--status-port must be a whole number from 0 to 65535; 0 takes any that is free.");
}

function hostOf(text = DEFAULT_STATUS_HOST): string {
  if (text === "localhost") return DEFAULT_STATUS_HOST;
  if (isIP(text) !== 0) return text;
  throw new Error(
    "--status-host must be an IP address of this machine, like 127.0.0.1, ::1 or 0.0.0.0 (all).",
  );
}

function logLevel({ quiet, logLevel: text }: OperatorFlags): LogLevel {
  if (quiet === true) {
    if (text === undefined) return "warn";
    throw new Error(
      "--quiet and --log-level contradict each other; --quiet is --log-level warn without a table.",
    );
  }
  const level = LOG_LEVELS.find((known) => known === (text ?? "info"));
  if (level !== undefined) return level;
  throw new Error(`--log-level must be one of ${LOG_LEVELS.join(", ")}.`);
}
