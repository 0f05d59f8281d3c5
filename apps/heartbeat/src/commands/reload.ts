import type { Env } from "@x/auth-core";
import { readAgentCard } from "../config/agent-card.ts";
import type { Flags } from "../config/config.ts";
import { createConfigFilesReader } from "../config/config-files.ts";
import type { ReadFiles } from "../config/file-stamps.ts";
import type { PendingCalls } from "../config/pending-calls.ts";
import { readWorkspaces, type WorkspaceConfig } from "../config/workspaces.ts";
import type { Changes } from "../fleet/changes.ts";
import type { Fleet } from "../fleet/fleet-types.ts";
import { listed } from "../observability/known-tokens.ts";
import type { Log } from "../observability/log-message.ts";
import { followFiles } from "./follow-files.ts";

/** Called for each reload, one after another. */
interface ReloadObserver {
  began(): void;
  /** @param isApplied false: the previous configuration stays in effect */
  ended(isApplied: boolean): void;
}

interface FollowConfigOptions {
  readonly flags: Flags;
  /** The files of the configuration that the fleet started with. */
  readonly files: ReadFiles;
  readonly env: Env;
  readonly apply: Fleet["apply"];
  readonly setCards: Fleet["setCards"];
  readonly log: Log;
  /** Called with each token of a new list, before anything else. */
  readonly hide: (workspaceId: string, token: string) => void;
  readonly stop: AbortSignal;
  readonly pending: PendingCalls;
  readonly reloads: ReloadObserver;
  /** Called with the workspaces of each new list. */
  readonly notePlatforms: (workspaces: readonly WorkspaceConfig[]) => void;
}

/** From one attempt to read a file that could not be read to the next. */
const RETRY_MS = 5_000;

/**
 * Applies the list of workspaces and the agent card when their files change, and on SIGHUP. If a file cannot be used,
 * that is reported and the previous configuration stays in effect. One that cannot be read is applied once it can.
 */
export function followConfig({
  flags,
  files,
  env,
  apply,
  setCards,
  log,
  hide,
  stop,
  pending,
  reloads,
  notePlatforms,
}: FollowConfigOptions): void {
  const readFiles = createConfigFilesReader(pending);
  let last: Promise<void> = Promise.resolve();
  let isNext = false;
  let retry: NodeJS.Timeout | undefined;

  async function reload(): Promise<void> {
    isNext = false;
    clearTimeout(retry);
    reloads.began();
    try {
      const read = await readFiles(flags, { signal: stop });
      if (!read.isComplete) retryLater();
      const cards = readAgentCard(flags.agentCard, env, read);
      const { workspaces, listTokens, warnings } = readWorkspaces(flags, env, read);
      for (const { id, token } of listTokens) hide(listed(id), token);
      for (const warning of [...warnings, ...cards.warnings]) log.warn({ code: "CONFIG_IGNORED" }, warning);
      notePlatforms(workspaces);
      setCards(cards.cardOf);
      const changes = await apply(workspaces);
      log.info({ code: "CONFIG_RELOADED" }, `reloaded the configuration: ${describe(changes)}`);
      reloads.ended(true);
    } catch (error) {
      if (stop.aborted) return;
      const why = error instanceof Error ? error.message : String(error);
      log.error(
        { code: "CONFIG_REJECTED" },
        `the changed configuration is invalid; the previous one stays in effect. ${why}`,
      );
      reloads.ended(false);
    }
  }
  /** A reload that has not begun yet will see this change, too. */
  const changed = () => {
    if (isNext) return;
    isNext = true;
    last = last.then(reload);
  };
  /** A disk that answers again, or files that others close, change no file. */
  function retryLater(): void {
    clearTimeout(retry);
    retry = setTimeout(async () => {
      const read = await readFiles(flags, { signal: stop }).catch(() => null);
      if (read?.isComplete) changed();
      else if (!stop.aborted) retryLater();
    }, RETRY_MS).unref();
  }
  followFiles(files, { changed, stop, pending });
}

function describe(changes: Changes): string {
  const parts = Object.entries(changes).filter(([, ids]) => ids.length > 0);
  if (parts.length === 0) return "no workspace changed";
  return parts
    .map(([what, ids]) => `${what} ${ids.length > 5 ? `${ids.length} workspaces` : ids.join(", ")}`)
    .join("; ");
}
