import { isAuthError } from "@x/auth-core";
import { type Clock, sleep } from "../clock.ts";
import { ConfigError } from "../config/problems.ts";
import type { Log } from "../observability/log-message.ts";
import type { SharedStore } from "./open-shared-store.ts";

const RETRY_MS = 2_000;

/**
 * Waits until the store answers: without it there are no tokens. Other runners keep the workspaces alive meanwhile.
 *
 * @throws ConfigError when the store is unfit for tokens; nothing has been sent to a platform then
 */
export async function waitForStore(
  shared: SharedStore,
  { clock, log, stop }: { readonly clock: Clock; readonly log: Log; readonly stop: AbortSignal },
): Promise<void> {
  let isReported = false;
  while (!stop.aborted) {
    try {
      const problems = await shared.problems();
      if (problems.length > 0) throw new ConfigError(problems);
      return;
    } catch (error) {
      if (!isAuthError(error)) throw error;
      if (!isReported) log.error({ code: "STORE_UNREACHABLE" }, `waiting for the store: ${error.message}`);
      isReported = true;
    }
    await sleep(clock, RETRY_MS, stop);
  }
}
