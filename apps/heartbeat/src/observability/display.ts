import type { Env } from "@x/auth-core";
import type { Config } from "../config/config.ts";
import type { WorkspaceStatus } from "../fleet/fleet.ts";
import { createLogger, type Logger, prettyLogger } from "./logger.ts";

/** What a person or a log collector sees of the runner. */
export interface Display {
  readonly log: Logger;
  /** Begins with the table, if there is one. */
  show(workspaces: () => readonly WorkspaceStatus[]): void;
  close(): void;
}

/** JSON lines without a terminal; on a terminal pretty lines, and a table below them for more than one workspace. */
export async function openDisplay(
  { logLevel, table: wanted, workspaces }: Pick<Config, "logLevel" | "table" | "workspaces">,
  env: Env,
  stream = process.stdout,
): Promise<Display> {
  const lines = { show: () => {}, close: () => {} };
  if (!stream.isTTY) return { log: createLogger(logLevel), ...lines };
  // https://no-color.org
  const color = !env.NO_COLOR && stream.hasColors(16, { ...env });
  // A dumb terminal cannot move its cursor.
  if (!wanted || workspaces.length < 2 || env.TERM === "dumb") {
    return { log: prettyLogger(logLevel, color, (text) => stream.write(text)), ...lines };
  }
  const { createLiveTable } = await import("./live-table.ts");
  const table = createLiveTable({ stream, color, now: Date.now });
  return { log: prettyLogger(logLevel, color, table.print), show: table.show, close: table.close };
}
