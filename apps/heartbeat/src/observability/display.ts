import { randomBytes } from "node:crypto";
import type { Env } from "@x/auth-core";
import { describeDropped, dropWhatIsNotRead, type ProcessOutputs } from "@x/emulator/output";
import type { Config } from "../config/config.ts";
import type { WorkspaceStatus } from "../fleet/fleet-types.ts";
import type { KnownTokens } from "./known-tokens.ts";
import type { LiveTable, Terminal } from "./live-table.ts";
import type { Log } from "./log-message.ts";
import { createLog } from "./logger.ts";
import { readStyle, streamOf } from "./open-log.ts";

/** What people and log collectors see of the runner. */
export interface Display {
  readonly log: Log;
  /** The runner's name, in every line of the log, when several runners share their workspaces. */
  readonly runner: string | null;
  /** Starts the table, if there is one. */
  show(workspaces: () => readonly WorkspaceStatus[]): void;
  close(): void;
  /** Settles when the log is written, or after a timeout. */
  written(): Promise<unknown>;
  /** How many log lines were dropped so far because they could not be written. */
  readonly dropped: number;
  /** True while a hanging disk keeps the process from exiting. */
  readonly isStuck: boolean;
  /** Hides this text in all later output. */
  readonly hide: KnownTokens["hide"];
  /** Removes hidden texts from a text that is shown elsewhere. */
  readonly redact: KnownTokens["redact"];
}

/** The streams that a display writes to. */
export interface Screen extends KnownTokens {
  readonly outputs: ProcessOutputs;
}

/**
 * The log and, on a terminal with more than one workspace, a table below it. A slow reader never blocks the runner:
 * lines that cannot be written are dropped, counted, and reported when the reader catches up.
 */
export async function openDisplay(
  config: Pick<Config, "logLevel" | "logFormat" | "table" | "workspaces" | "command" | "store">,
  env: Env,
  { outputs, hide, redact }: Screen,
): Promise<Display> {
  const runner = config.store === null ? null : randomBytes(9).toString("base64url");
  const view = await openView({ ...config, runner }, env, outputs);
  dropWhatIsNotRead(outputs, (dropped) =>
    view.log.warn({ code: "LOG_LINES_DROPPED" }, `the log has a gap: ${describeDropped(dropped)}`),
  );
  return {
    ...view,
    hide,
    redact,
    runner,
    written: () => Promise.all([outputs.out.end(), outputs.err.end()]),
    get dropped() {
      return outputs.out.dropped + outputs.err.dropped + (view.table?.dropped ?? 0);
    },
    get isStuck() {
      return outputs.isStuck;
    },
  };
}

type View = Pick<Display, "log" | "show" | "close"> & { readonly table?: LiveTable };

type ViewOptions = Pick<Config, "logLevel" | "logFormat" | "table" | "workspaces" | "command"> &
  Pick<Display, "runner">;

async function openView(
  { logLevel: level, logFormat, table: wanted, workspaces, command, runner }: ViewOptions,
  env: Env,
  outputs: ProcessOutputs,
): Promise<View> {
  // The command owns standard output.
  const stream = streamOf(outputs, command === null ? "stdout" : "stderr");
  const style = readStyle({ logFormat }, stream, env);
  const options = { level, runner, ...style };
  const isForTable = wanted && workspaces.length > 1 && command === null && style.format === "pretty";
  // A dumb terminal cannot move its cursor.
  if (!isForTable || !stream.to.isTTY || env.TERM === "dumb") {
    return { log: createLog(options, stream.print), show: () => {}, close: () => {} };
  }
  const { createLiveTable } = await import("./live-table.ts");
  const table = createLiveTable({ terminal: terminalOf(outputs.out), color: style.color, now: Date.now });
  return { log: createLog(options, table.print), show: table.show, close: table.close, table };
}

function terminalOf(out: ProcessOutputs["out"]): Terminal {
  return {
    write: (text) => out.write(text),
    get isBusy() {
      return out.isWaiting;
    },
    get columns() {
      return process.stdout.columns;
    },
    get rows() {
      return process.stdout.rows;
    },
  };
}
