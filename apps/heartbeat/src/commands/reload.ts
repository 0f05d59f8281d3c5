import type { Env } from "@x/auth-core";
import { readAgentCard } from "../config/agent-card.ts";
import type { Flags } from "../config/config.ts";
import { createConfigFilesReader } from "../config/config-files.ts";
import type { ReadFiles } from "../config/file-stamps.ts";
import { readWorkspaces } from "../config/workspaces.ts";
import type { Changes } from "../fleet/changes.ts";
import type { Fleet } from "../fleet/fleet.ts";
import type { Logger } from "../observability/logger.ts";
import { followFiles } from "./follow-files.ts";

interface FollowConfigOptions {
  readonly flags: Flags;
  /** The files of the configuration that the fleet started with. */
  readonly files: ReadFiles;
  readonly env: Env;
  readonly fleet: Fleet;
  readonly log: Logger;
  readonly stop: AbortSignal;
}

/**
 * Applies the list of workspaces and the agent card when their files change, and on SIGHUP. A file that cannot be used is
 * reported, and the previous configuration stays in effect.
 */
export function followConfig({ flags, files, env, fleet, log, stop }: FollowConfigOptions): void {
  const readFiles = createConfigFilesReader();
  let last: Promise<void> = Promise.resolve();

  async function reload(): Promise<void> {
    try {
      const read = await readFiles(flags, { signal: stop });
      const card = readAgentCard(flags.agentCard, env, read);
      const { workspaces } = readWorkspaces(flags, env, read);
      fleet.setCards(card);
      const changes = await fleet.apply(workspaces);
      log.info({ code: "CONFIG_RELOADED" }, `reloaded the configuration: ${describe(changes)}`);
    } catch (error) {
      if (stop.aborted) return;
      const why = error instanceof Error ? error.message : String(error);
      log.error(
        { code: "CONFIG_REJECTED" },
        `the changed configuration cannot be used; the previous one stays in effect. ${why}`,
      );
    }
  }
  const changed = () => {
    last = last.then(reload);
  };
  followFiles(files, changed, stop);
}

function describe(changes: Changes): string {
  const parts = Object.entries(changes).filter(([, ids]) => ids.length > 0);
  if (parts.length === 0) return "no workspace changed";
  return parts
    .map(([what, ids]) => `${what} ${ids.length > 5 ? `${ids.length} workspaces` : ids.join(", ")}`)
    .join("; ");
}
