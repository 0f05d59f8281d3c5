import type { Env } from "@x/auth-core";
import { readAgentCard } from "./config/agent-card.ts";
import type { Flags } from "./config/config.ts";
import { readWorkspaces } from "./config/workspaces.ts";
import type { Changes, Fleet } from "./fleet/fleet.ts";
import { followFiles, type ReadFiles } from "./follow-files.ts";
import type { Logger } from "./log.ts";

interface FollowConfigOptions {
  readonly flags: Flags;
  /** Where the configuration came from with which the fleet began. */
  readonly files: ReadFiles;
  readonly env: Env;
  readonly fleet: Fleet;
  readonly log: Logger;
  readonly stop: AbortSignal;
}

/**
 * Takes over the list of workspaces and the agent card when their files change, and on SIGHUP. A file that cannot be used
 * is reported, and all goes on as before.
 */
export function followConfig({ flags, files, env, fleet, log, stop }: FollowConfigOptions): void {
  let last: Promise<void> = Promise.resolve();

  async function reload(): Promise<void> {
    try {
      const card = readAgentCard(flags.agentCard, env);
      const { workspaces } = readWorkspaces(flags, env);
      fleet.setCards(card);
      const changes = await fleet.apply(workspaces);
      log.info(`configuration read again: ${describe(changes)}`);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      log.error(`the changed configuration is not taken over, and all goes on as before. ${why}`);
    }
  }
  const changed = () => {
    last = last.then(reload);
  };
  followFiles(files, changed, stop);
}

function describe(changes: Changes): string {
  const parts = Object.entries(changes).filter(([, ids]) => ids.length > 0);
  if (parts.length === 0) return "the workspaces are the same";
  return parts
    .map(([what, ids]) => `${what} ${ids.length > 5 ? `${ids.length} workspaces` : ids.join(", ")}`)
    .join("; ");
}
