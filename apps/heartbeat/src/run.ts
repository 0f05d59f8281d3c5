import type { Env } from "@x/auth-core";
import { systemClock } from "./clock.ts";
import type { Config } from "./config/config.ts";
import { createFleet } from "./fleet/fleet.ts";
import type { Logger } from "./log.ts";
import { authEventLine } from "./log-auth-events.ts";
import { logLine } from "./worker/log-lines.ts";

/** Registers the configured workspaces and keeps them alive until `stop` aborts. */
export async function run(config: Config, env: Env, log: Logger, stop: AbortSignal): Promise<void> {
  const fleet = createFleet({
    config,
    env,
    clock: systemClock(),
    random: Math.random,
    onNotice(workspace, notice) {
      const { level, text } = logLine(notice);
      log[level]({ workspace }, text);
    },
    onAuthEvent(workspace, event) {
      const { level, text } = authEventLine(event);
      log[level]({ workspace }, text);
    },
  });
  await fleet.apply(config.workspaces);
  log.info(`${describe(config)}, a beat every ${config.pace.intervalMs / 1000} s; Ctrl-C ends it`);
  await fleet.run(stop);
  log.info("stopped");
}

function describe({ workspaces }: Config): string {
  const platforms = new Set(workspaces.map(({ platformUrl }) => platformUrl));
  const [first] = platforms;
  const where = platforms.size === 1 ? first : `${platforms.size} platforms`;
  return `keeping ${workspaces.length === 1 ? workspaces[0]?.id : `${workspaces.length} workspaces`} alive at ${where}`;
}
