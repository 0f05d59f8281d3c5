import type { Env } from "@x/auth-core";
import { systemClock } from "./clock.ts";
import type { Config, Flags } from "./config/config.ts";
import { createFleet } from "./fleet/fleet.ts";
import { authEventLine } from "./log-auth-events.ts";
import { followConfig } from "./reload.ts";
import type { Status } from "./status/status.ts";
import type { Display } from "./terminal/display.ts";
import { logLine } from "./worker/log-lines.ts";

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
    onNotice(workspace, notice) {
      status?.observe(notice);
      const { level, text } = logLine(notice, config.isFleet);
      log[level]({ workspace }, text);
    },
    onLateness: (ms) => status?.observeLateness(ms),
    onAuthEvent(workspace, event) {
      const { level, text } = authEventLine(event, config.isFleet);
      log[level]({ workspace }, text);
    },
  });
  if (config.status !== null) {
    const { openStatus } = await import("./status/status.ts");
    status = await openStatus(config.status, { members: fleet.members, clock, pace: config.pace });
    log.info(`status at ${status.url}/health and ${status.url}/metrics`);
  }
  await fleet.apply(config.workspaces);
  log.info(`${describe(config)}, a beat every ${config.pace.intervalMs / 1000} s; Ctrl-C ends it`);
  stop.addEventListener("abort", () =>
    log.info("stopping; a second signal does not wait for what is under way"),
  );
  followConfig({ flags, files: config.files, env, fleet, log, stop });
  display.show(fleet.members);
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
