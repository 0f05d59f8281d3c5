import { Command, CommanderError, InvalidArgumentError } from "commander";
import type { ContractVersion } from "./contract.ts";
import { startEmulator } from "./emulator.ts";
import { LOG_FORMATS, type LogFormat, logLine, structured } from "./log-line.ts";
import { checkOptions, DEFAULT_ADMIN_TOKEN, type EmulatorOptions } from "./options.ts";
import { version } from "./version.ts";

/** The command's output, and its stop signal. */
export interface CliIo {
  readonly out: (line: string) => void;
  readonly err: (line: string) => void;
  /** Aborted to stop the emulator. */
  readonly stop: AbortSignal;
}

interface Flags {
  port: number;
  contract: ContractVersion;
  orgId?: string;
  adminToken: string;
  apiTokensSurvive?: boolean;
  rateLimit?: number;
  host?: string[];
  logFormat: LogFormat;
}

/**
 * The `emulator` command. Resolves with the exit code: 0 stopped, or printed help; 1 could not start; 2 an invalid
 * flag.
 */
export async function runCli(args: readonly string[], io: CliIo): Promise<number> {
  let options: EmulatorOptions;
  let logFormat: LogFormat;
  try {
    const flags = parseFlags(args, io);
    ({ logFormat } = flags);
    options = optionsOf(flags);
    checkOptions(options);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (error instanceof RangeError) return fail(io, asFlag(error.message), 2);
    throw error;
  }
  try {
    return await serve(options, { ...io, logFormat });
  } catch (error) {
    const taken = error instanceof Error && "code" in error && error.code === "EADDRINUSE";
    if (taken) return fail(io, `port ${options.port} is taken; choose another with --port, 0 for any`, 1);
    throw error;
  }
}

function parseFlags(args: readonly string[], io: CliIo): Flags {
  const command = new Command("emulator")
    .description("The platform on your own machine: registry, tokens, faults on demand.")
    .version(version)
    .option("--port <n>", "port on 127.0.0.1; 0: any free port", whole(0, 65_535), 8787)
    .option("--contract <version>", "v1 (the server of April 2026) or v2 (the current one)", contract, "v2")
    .option("--org-id <id>", "enable the tenant guard for this tenant")
    .option("--admin-token <token>", "the operator's token", DEFAULT_ADMIN_TOKEN)
    .option("--api-tokens-survive", "minted tokens survive a rotation, as on later servers")
    .option(
      "--rate-limit <n>",
      "requests a minute per organization, else per bearer, else per address (default: 600)",
      whole(1),
    )
    .option("--host <name>", "also answer to this host name; may be repeated", append)
    .option(
      "--log-format <format>",
      "format of the log: pretty, logfmt or json, one line per event",
      format,
      "pretty",
    )
    .addHelpText(
      "after",
      "\nExit codes:\n  0  stopped by SIGTERM or Ctrl-C\n  1  the port is taken\n  2  invalid flag",
    )
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.out(text.trimEnd()),
      writeErr: (text) => io.err(text.trimEnd()),
    })
    .parse(args, { from: "user" });
  return command.opts<Flags>();
}

function optionsOf({ port, contract, orgId, rateLimit, host, ...flags }: Flags): EmulatorOptions {
  return {
    port,
    contract,
    allowedHosts: host ?? [],
    adminToken: flags.adminToken,
    apiTokensSurvive: flags.apiTokensSurvive === true,
    ...(orgId !== undefined && { orgId }),
    ...(rateLimit !== undefined && { rateLimit: { max: rateLimit, windowMs: 60_000 } }),
  };
}

async function serve(
  options: EmulatorOptions,
  { out, stop, logFormat }: CliIo & Pick<Flags, "logFormat">,
): Promise<number> {
  const emulator = await startEmulator(options);
  const { url } = emulator;
  if (logFormat === "pretty") for (const line of [url, ...introduction(url, options)]) out(line);
  else {
    const text = `the platform (contract ${options.contract}) is at ${url}`;
    out(structured({ level: "info", at: Date.now(), code: "STARTED", text }, logFormat));
  }
  emulator.subscribe((event) => out(logLine(event, logFormat)));
  await new Promise<void>((resolve) => {
    if (stop.aborted) resolve();
    stop.addEventListener("abort", () => resolve(), { once: true });
  });
  await emulator.close();
  return 0;
}

function introduction(url: string, { contract, orgId }: EmulatorOptions): string[] {
  return [
    "",
    `The platform (contract ${contract}${orgId === undefined ? "" : `, tenant ${orgId}`}). Point an agent at it:`,
    `  export PLATFORM_URL=${url}`,
    "Make it misbehave:",
    `  curl -X POST ${url}/emulator/workspaces/$WORKSPACE_ID/rotate`,
    `  curl -X POST ${url}/emulator/outage -d '{"kind":"status","status":503}'   # {"kind":null} ends it`,
    `  curl -X POST ${url}/emulator/latency -d '{"ms":2000}'`,
    `Watch it: ${url} in a browser, ${url}/emulator/state, ${url}/openapi.json. Press Ctrl-C to stop.`,
    "",
  ];
}

function whole(min: number, max = Number.MAX_SAFE_INTEGER) {
  return (text: string): number => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    const range = max < Number.MAX_SAFE_INTEGER ? `from ${min} to ${max}` : `of at least ${min}`;
    throw new InvalidArgumentError(`It must be a whole number ${range}.`);
  };
}

const append = (name: string, names: readonly string[] = []) => [...names, name];

function format(text: string): LogFormat {
  const known = LOG_FORMATS.find((each) => each === text);
  if (known !== undefined) return known;
  throw new InvalidArgumentError(`It must be one of ${LOG_FORMATS.join(", ")}.`);
}

function contract(text: string): ContractVersion {
  if (text === "v1" || text === "v2") return text;
  throw new InvalidArgumentError("It must be v1 or v2.");
}

/** The flags whose values only `checkOptions` checks, by option. */
const FLAGS = new Map([
  ["orgId", "--org-id"],
  ["adminToken", "--admin-token"],
  ["allowedHosts", "--host"],
]);

/** Replaces the option's name in an error with the flag's. */
const asFlag = (message: string): string => message.replace(/^\w+/, (name) => FLAGS.get(name) ?? name);

function fail(io: CliIo, message: string, code: number): number {
  io.err(`error: ${message}`);
  return code;
}
