import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { printable } from "@x/platform-client";
import { type Clock, sleep } from "../clock.ts";
import type { Log } from "../observability/log-message.ts";
import type { FileStore } from "../storage/file-store.ts";
import type { RunnerMark } from "../storage/runner-mark.ts";

const CHECK_EVERY_MS = 5_000;
/** By then every workspace has had its first turn. */
const SETTLED_MS = 600_000;

interface OtherRunnersOptions {
  readonly store: Pick<FileStore, "markRunner">;
  readonly clock: Clock;
  readonly log: Pick<Log, "warn">;
}

/** The runners that used the configs directory before this one, and those that use it now. */
export class OtherRunners {
  readonly #options: OtherRunnersOptions;
  readonly #first: Promise<number>;
  #found: (since: number) => void = () => {};

  constructor(options: OtherRunnersOptions) {
    this.#options = options;
    this.#first = new Promise((resolve) => {
      this.#found = resolve;
    });
  }

  /**
   * Since when this runner, or short-lived ones before it, have had the workspaces, in milliseconds since 1970. Settles
   * once `watch` has checked for them.
   */
  readonly since = (): Promise<number> => this.#first;

  /** Logs once when another runner uses the same configs directory; both continue. Settles after `stop` aborted. */
  async watch(stop: AbortSignal): Promise<void> {
    const { store, clock } = this.#options;
    const startedAt = clock.wall();
    const settledAt = clock.monotonic() + SETTLED_MS;
    const mark = { id: randomUUID(), pid: process.pid, host: hostname(), startedAt: iso(startedAt) };
    let since = startedAt;
    let wasWritten = false;
    let isLogged = false;
    for (; !stop.aborted; await sleep(clock, CHECK_EVERY_MS, stop)) {
      const isSettled = clock.monotonic() >= settledAt;
      try {
        const { written, other } = await store.markRunner(isSettled ? mark : { ...mark, since: iso(since) });
        // A mark older than this runner's was left by an earlier runner.
        if (other !== null && wasWritten && !isLogged) {
          isLogged = true;
          this.#report(other);
        }
        if (written?.since !== undefined) since = Date.parse(written.since);
        wasWritten ||= written !== null;
      } catch {
        // A directory that is not writable is reported when a token is stored.
      }
      this.#found(since);
    }
    this.#found(since);
  }

  #report({ pid, host, startedAt }: RunnerMark): void {
    const who = printable(`process ${pid} on ${host}, since ${startedAt}`, { maxLength: 120 });
    this.#options.log.warn(
      { code: "SECOND_RUNNER" },
      `another runner uses the same configs directory (${who}): stop one of them, or give it its own directory. ` +
        "Until then their workspaces get each result twice, and a rotation leaves one runner with the old token",
    );
  }
}

const iso = (ms: number): string => new Date(ms).toISOString();
