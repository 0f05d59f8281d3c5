import { isUuid } from "@x/platform-client";
import type { Config } from "../config/config.ts";
import type { Fleet } from "../fleet/fleet-types.ts";
import type { Log } from "../observability/log-message.ts";
import { CLOCK_TOLERANCE_MS, describeOffset } from "../transport/server-clock.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";

const SHOWN_IDS = 5;

/** What `run` logs once it keeps its workspaces alive. */
export function logStart(config: Config, log: Log): void {
  const together = config.store === null ? "" : " together with other runners";
  log.info(
    { code: "STARTED" },
    `${describe(config)}${together}, a heartbeat every ${config.timing.intervalMs / 1000} s; press Ctrl-C to stop`,
  );
  const notUuids = config.workspaces.filter(({ id }) => !isUuid(id)).map(({ id }) => id);
  if (notUuids.length > 0) log.warn({ code: "WORKSPACE_ID_NOT_UUID" }, describeIds(notUuids));
  for (const warning of config.warnings) log.warn({ code: "CONFIG_IGNORED" }, warning);
}

/** What it logs at the end, and the exit code to return. */
export function logEnd(unsaved: ReturnType<Fleet["unsaved"]>, log: Log): ExitCode {
  if (unsaved.length === 0) {
    log.info({ code: "STOPPED" }, "stopped");
    return EXIT.ok;
  }
  for (const workspace of unsaved) {
    log.error(
      { workspace, code: "TOKEN_LOST" },
      "stopped with a token that could not be stored: the platform has to issue a new one for this workspace",
    );
  }
  return EXIT.unsaved;
}

/** @param isDue whether to log it for that platform now */
export function logClockOffset(
  origin: string,
  ms: number,
  { log, isDue }: { readonly log: Log; readonly isDue: (origin: string) => boolean },
): void {
  if (Math.abs(ms) <= CLOCK_TOLERANCE_MS || !isDue(origin)) return;
  const what = `this machine's clock is ${describeOffset(ms)} (${origin})`;
  log.warn({ code: "CLOCK_SKEW" }, `${what}. Set whichever clock is wrong, for example with NTP`);
}

function describe({ workspaces }: Config): string {
  const platforms = new Set(workspaces.map(({ platformUrl }) => platformUrl));
  const [first] = platforms;
  const where = platforms.size === 1 ? first : `${platforms.size} platforms`;
  return `keeping ${workspaces.length === 1 ? workspaces[0]?.id : `${workspaces.length} workspaces`} online at ${where}`;
}

function describeIds(ids: readonly string[]): string {
  const shown = ids.slice(0, SHOWN_IDS).join(", ");
  const more = ids.length > SHOWN_IDS ? ` and ${ids.length - SHOWN_IDS} more` : "";
  return `the platform accepts only UUIDs as workspace ids; these are not: ${shown}${more}`;
}

/**
 * Mentions Ctrl-C only after a signal, when a second one ends the process: not if the command ended or the token is
 * rejected.
 */
export function logStopping(
  log: Log,
  { isRejected, hasCommand }: { readonly isRejected: boolean; readonly hasCommand: boolean },
): void {
  if (isRejected) {
    log.error(
      { code: "REJECTED_AT_START" },
      "the platform rejects this workspace's token: store the right one, or start with --wait-for-token",
    );
  }
  const hint = isRejected || hasCommand ? "" : "; press Ctrl-C again to exit immediately";
  log.info({ code: "STOPPING" }, `stopping${hint}`);
}
