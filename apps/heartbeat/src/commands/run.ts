import type { AuthEvent, Env } from "@x/auth-core";
import type { FileStorageEvent } from "@x/auth-node";
import { systemClock } from "../clock.ts";
import type { Config, Flags } from "../config/config.ts";
import { createFleet, type Fleet } from "../fleet/fleet.ts";
import { authMessage } from "../observability/auth-messages.ts";
import type { Display } from "../observability/display.ts";
import type { LogMessage } from "../observability/log-message.ts";
import { logMessage } from "../observability/log-messages.ts";
import type { Status } from "../observability/status.ts";
import { createFileStore } from "../storage/file-store.ts";
import { userAgent } from "../version.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { followConfig } from "./reload.ts";
import { endProcess, untilSignal } from "./shutdown.ts";

/**
 * Registers the configured workspaces and keeps them alive until a signal.
 *
 * @returns `EXIT.unsaved` when a token that the platform issued is in memory only
 * @throws ConfigError when the status cannot be served; nothing was sent then
 */
export async function run(config: Config, flags: Flags, env: Env, display: Display): Promise<ExitCode> {
  const { log } = display;
  const write = (workspace: string, { level, code, text }: LogMessage) =>
    log[level]({ workspace, code }, text);
  const onAuthEvent = (workspace: string, event: AuthEvent | FileStorageEvent) =>
    write(workspace, authMessage(event));
  const store = createFileStore({
    configsDir: config.configsDir,
    env,
    layout: config.isFleet ? "list" : "single",
    onEvent: ({ workspaceId }, event) => onAuthEvent(workspaceId, event),
  });
  const clock = systemClock();
  let status: Status | null = null;
  const fleet = createFleet({
    store,
    timing: config.timing,
    cardOf: config.cardOf,
    env,
    clock,
    random: Math.random,
    userAgent,
    onEvent(workspace, event) {
      status?.observe(event);
      write(workspace, logMessage(event));
    },
    onSchedulingLag: (ms) => status?.observeSchedulingLag(ms),
    onAuthEvent,
  });
  if (config.status !== null) {
    const { openStatus } = await import("../observability/status.ts");
    status = await openStatus(config.status, { workspaces: fleet.workspaces, clock, timing: config.timing });
    log.info({ code: "STATUS_SERVED" }, `status at ${status.url}/health and ${status.url}/metrics`);
  }
  const shutdown = { isStuck: store.isStuck };
  await untilSignal(async (stop) => {
    await fleet.apply(config.workspaces);
    log.info(
      { code: "STARTED" },
      `${describe(config)}, a heartbeat every ${config.timing.intervalMs / 1000} s; press Ctrl-C to stop`,
    );
    stop.addEventListener("abort", () =>
      log.info({ code: "STOPPING" }, "stopping; press Ctrl-C again to exit immediately"),
    );
    followConfig({ flags, files: config.files, env, fleet, log, stop });
    display.show(fleet.workspaces);
    try {
      await fleet.run(stop);
    } finally {
      display.close();
      await status?.close();
      await store.close();
    }
  }, shutdown);
  const code = reportEnd(fleet, log);
  if (store.isStuck()) {
    log.error({ code: "DISK_HANGS" }, "a disk does not answer, so this process cannot exit; it kills itself");
    endProcess(code, shutdown);
  }
  return code;
}

function reportEnd(fleet: Fleet, log: Display["log"]): ExitCode {
  const unsaved = fleet.unsaved();
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

function describe({ workspaces }: Config): string {
  if (workspaces.length === 0) return "no workspaces in the list yet";
  const platforms = new Set(workspaces.map(({ platformUrl }) => platformUrl));
  const [first] = platforms;
  const where = platforms.size === 1 ? first : `${platforms.size} platforms`;
  return `keeping ${workspaces.length === 1 ? workspaces[0]?.id : `${workspaces.length} workspaces`} alive at ${where}`;
}
