import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { printable } from "@x/platform-client";
import { type Clock, sleep } from "../clock.ts";
import type { Log } from "../observability/log-message.ts";
import type { FileStore } from "../storage/file-store.ts";

const CHECK_EVERY_MS = 5_000;

interface SecondRunnerOptions {
  readonly store: Pick<FileStore, "markRunner" | "unmarkRunner">;
  readonly clock: Clock;
  readonly log: Pick<Log, "warn">;
  readonly stop: AbortSignal;
}

/**
 * Logs once when another runner uses the same configs directory; both continue. Settles after `stop` aborted and the
 * runner's mark is removed.
 */
export async function watchForSecondRunner({ store, clock, log, stop }: SecondRunnerOptions): Promise<void> {
  const startedAt = new Date(clock.wall()).toISOString();
  const mark = { id: randomUUID(), pid: process.pid, host: hostname(), startedAt };
  let wasWritten = false;
  let isLogged = false;
  while (!stop.aborted) {
    try {
      const { isWritten, other } = await store.markRunner(mark);
      // A mark older than this runner's may have been left by a runner that was killed.
      if (other !== null && wasWritten && !isLogged) {
        isLogged = true;
        const { pid, host } = other;
        const who = printable(`process ${pid} on ${host}, since ${other.startedAt}`, { maxLength: 120 });
        log.warn(
          { code: "SECOND_RUNNER" },
          `another runner uses the same configs directory (${who}): stop one of them, or give it its own directory. ` +
            "Workspaces that both of them keep alive are sent each result twice, and a rotation leaves one of them behind",
        );
      }
      wasWritten ||= isWritten;
    } catch {
      // A directory that is not writable is reported when a token is stored.
    }
    await sleep(clock, CHECK_EVERY_MS, stop);
  }
  if (wasWritten) await store.unmarkRunner(mark).catch(() => {});
}
