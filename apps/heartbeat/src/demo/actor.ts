import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../clock.ts";
import { createFleet } from "../fleet/fleet.ts";
import { DEFAULT_PACE } from "../worker/delays.ts";
import type { Notice } from "../worker/notices.ts";

export interface ActorOptions {
  readonly id: string;
  readonly platformUrl: string;
  /** The workspace's own configs dir. */
  readonly configsDir: string;
  readonly clock: Clock;
  readonly onNotice: (notice: Notice) => void;
}

/** One workspace of the demo: what `heartbeat run` would be, in this process. */
export interface Actor {
  readonly id: string;
  readonly file: string;
  /** What happened since the last start. */
  readonly notices: readonly Notice[];
  /** True when it happened since the last start. */
  saw(type: Notice["type"], times?: number): boolean;
  /** Mode of the token file, like `0600`. */
  fileMode(): Promise<string>;
  start(): void;
  /** Ends it, and forgets all that it knew but for its file. */
  stop(): Promise<void>;
}

export function createActor({ id, platformUrl, configsDir, clock, onNotice }: ActorOptions): Actor {
  const file = join(configsDir, ".auth_token");
  let notices: Notice[] = [];
  let running: { readonly stop: AbortController; readonly done: Promise<void> } | null = null;

  async function live(stop: AbortSignal): Promise<void> {
    const fleet = createFleet({
      config: { configsDir, isFleet: false, pace: DEFAULT_PACE, cardOf: (name) => ({ name }) },
      env: {},
      clock,
      random: Math.random,
      onAuthEvent() {},
      onNotice(_, notice) {
        notices.push(notice);
        onNotice(notice);
      },
    });
    await fleet.apply([{ id, platformUrl, ownPlatform: false }]);
    await fleet.run(stop);
  }

  return {
    id,
    file,
    get notices() {
      return notices;
    },
    saw: (type, times = 1) => notices.filter((notice) => notice.type === type).length >= times,
    fileMode: async () => `0${((await stat(file)).mode & 0o777).toString(8)}`,
    start() {
      notices = [];
      const stop = new AbortController();
      running = { stop, done: live(stop.signal) };
    },
    async stop() {
      running?.stop.abort();
      await running?.done;
      running = null;
    },
  };
}
