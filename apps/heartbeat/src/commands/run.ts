import type { Env } from "@x/auth-core";
import { systemClock } from "../clock.ts";
import type { Config, Flags } from "../config/config.ts";
import { createFleet } from "../fleet/fleet.ts";
import type { Display } from "../observability/display.ts";
import { authEventMessage, logMessage } from "../observability/log-messages.ts";
import type { Status } from "../observability/status.ts";
import { followConfig } from "./reload.ts";

/**
 * Registers the configured workspaces and keeps them alive until `stop` aborts.
 *
 * @throws ConfigError when the status cannot be served; nothing was sent then
 */
export async function run(
  config: Config,
  flags: Flags,
  env: Env,
  display: Display,
  stop: AbortSignal,
): Promise<void> {
  const { log } = display;
  const clock = systemClock();
  let status: Status | null = null;
  const fleet = createFleet({
    config,
    env,
    clock,
    random: Math.random,
    onEvent(workspace, event) {
      status?.observe(event);
      const { level, text } = logMessage(event, config.isFleet);
      log[level]({ workspace }, text);
    },
    onSchedulingLag: (ms) => status?.observeSchedulingLag(ms),
    onAuthEvent(workspace, event) {
      const { level, text } = authEventMessage(event, config.isFleet);
      log[level]({ workspace }, text);
    },
  });
  if (config.status !== null) {
    const { openStatus } = await import("../observability/status.ts");
    status = await openStatus(config.status, { workspaces: fleet.workspaces, clock, timing: config.timing });
    log.info(`status at ${status.url}/health and ${status.url}/metrics`);
  }
  await fleet.apply(config.workspaces);
  log.info(
    `${describe(config)}, a heartbeat every ${config.timing.intervalMs / 1000} s; press Ctrl-C to stop`,
  );
  stop.addEventListener("abort", () => log.info("stopping; press Ctrl-C again to exit immediately"));
  followConfig({ flags, files: config.files, env, fleet, log, stop });
  display.show(fleet.workspaces);
  try {
    await fleet.run(stop);
  } finally {
    display.close();
    await status?.close();
  }
  log.info("stopped");
}

function describe({ workspaces }: Config): string {
  if (workspaces.length === 0) return "no workspaces in the list yet";
  const platforms = new Set(workspaces.map(({ platformUrl }) => platformUrl));
  const [first] = platforms;
  const where = platforms.size === 1 ? first : `${platforms.size} platforms`;
  return `keeping ${workspaces.length === 1 ? workspaces[0]?.id : `${workspaces.length} workspaces`} alive at ${where}`;
}
