import { isIP } from "node:net";
import { type LogFlags, type LogSettings, readLogFlags } from "./log-flags.ts";
import { Problems } from "./problems.ts";

/** Flags for the operator of the runner, as the command line gives them. */
export interface OperatorFlags extends LogFlags {
  readonly statusPort?: string;
  readonly statusHost?: string;
  readonly statusName?: readonly string[];
}

export interface OperatorSettings extends LogSettings {
  /** Where `/health` and `/metrics` are served; `null` when they are not. */
  readonly status: StatusAddress | null;
  /** True when a terminal may show a table. */
  readonly table: boolean;
}

export interface StatusAddress {
  /** An IP address. */
  readonly host: string;
  /** 0 picks any free port. */
  readonly port: number;
  /** Accepted `Host` headers, without a port, besides IP addresses and `localhost`. In lower case. @default none */
  readonly names?: readonly string[];
}

/** Only this machine by default: the status holds no secret, but need not be public. */
const DEFAULT_STATUS_HOST = "127.0.0.1";
/** The port that all examples use. */
const DEFAULT_ASKED_PORT = "9464";

/** @throws ConfigError with all problems at once */
export function readOperatorFlags(flags: OperatorFlags): OperatorSettings {
  const problems = new Problems();
  const operator: OperatorSettings = {
    status: problems.attempt(() => statusAddress(flags), null),
    ...problems.attempt(() => readLogFlags(flags), readLogFlags({})),
    table: flags.quiet !== true,
  };
  problems.throwIfAny();
  return operator;
}

/** Where to reach a runner for its status. @throws ConfigError with all problems at once */
export function readStatusFlags({
  statusPort = DEFAULT_ASKED_PORT,
  statusHost,
}: Pick<OperatorFlags, "statusPort" | "statusHost">): StatusAddress {
  const problems = new Problems();
  const port = problems.attempt(() => askedPort(statusPort), 0);
  const host = problems.attempt(() => hostOf(statusHost), DEFAULT_STATUS_HOST);
  problems.throwIfAny();
  return { host, port };
}

function askedPort(text: string): number {
  const port = portOf(text) ?? 0;
  if (port > 0) return port;
  throw new Error("--status-port must be the port that the runner was started with, from 1 to 65535.");
}

function statusAddress({ statusPort, statusHost, statusName = [] }: OperatorFlags): StatusAddress | null {
  const problems = new Problems();
  const port = problems.attempt(() => portOf(statusPort), 0);
  const host = problems.attempt(() => hostOf(statusHost), DEFAULT_STATUS_HOST);
  const names = statusName.map((name) => problems.attempt(() => nameOf(name), ""));
  problems.throwIfAny();
  if (port !== null) return { host, port, ...(names.length > 0 && { names }) };
  if (statusHost === undefined && names.length === 0) return null;
  throw new Error("--status-host and --status-name do nothing without --status-port: nothing is served.");
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

function nameOf(text: string): string {
  if (/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/i.test(text)) return text.toLowerCase();
  throw new Error("--status-name must be a host name without a port, like heartbeat.example.");
}
