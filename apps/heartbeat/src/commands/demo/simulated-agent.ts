import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../../clock.ts";
import { DEFAULT_TIMING } from "../../config/timing.ts";
import { createFleet } from "../../fleet/fleet.ts";
import { createFileStore } from "../../storage/file-store.ts";
import { userAgent } from "../../version.ts";
import type { WorkspaceEvent } from "../../workspace/events.ts";
import type { MessageHandler } from "../../workspace/inbox/message.ts";
import { describeRotation } from "../rotate/describe-rotation.ts";
import { rotateOne } from "../rotate/rotate.ts";

/** Simulated time runs faster than the machine, but a request still gets three simulated seconds. */
const TIMING = { ...DEFAULT_TIMING, timeoutMs: 120_000 };

export interface SimulatedAgentOptions {
  /** A UUID. */
  readonly id: string;
  /** The name in its agent card. */
  readonly name: string;
  readonly platformUrl: string;
  /** The workspace's own configs dir. */
  readonly configsDir: string;
  /** Handles its messages. @default none: messages are not fetched */
  readonly onMessage?: MessageHandler;
  readonly clock: Clock;
  readonly onEvent: (event: WorkspaceEvent) => void;
}

/** One workspace of the demo: the work of `heartbeat run`, in this process. */
export interface SimulatedAgent {
  readonly id: string;
  readonly name: string;
  readonly file: string;
  /** Events since the last start. */
  readonly events: readonly WorkspaceEvent[];
  /** True when an event of this type was emitted since the last start. */
  saw(type: WorkspaceEvent["type"], times?: number): boolean;
  /** Mode of the token file, like `0600`. */
  fileMode(): Promise<string>;
  start(): void;
  /** Stops it; only its file remains. */
  stop(): Promise<void>;
  /** What `heartbeat rotate` does beside it. Gives the line that it prints. */
  rotate(signal: AbortSignal): Promise<string>;
}

export function createSimulatedAgent({
  id,
  name,
  platformUrl,
  configsDir,
  onMessage,
  clock,
  onEvent,
}: SimulatedAgentOptions): SimulatedAgent {
  const file = join(configsDir, ".auth_token");
  const workspace = { id, platformUrl, ownPlatform: false, isListed: false };
  const openStore = () => createFileStore({ configsDir, env: {}, layout: "single", onEvent() {} });
  let events: WorkspaceEvent[] = [];
  let running: { readonly stop: AbortController; readonly done: Promise<void> } | null = null;

  async function live(stop: AbortSignal): Promise<void> {
    const store = openStore();
    const fleet = createFleet({
      store,
      timing: TIMING,
      cardOf: () => ({ name }),
      env: {},
      clock,
      random: Math.random,
      userAgent,
      messages: onMessage === undefined ? null : { onMessage },
      onAuthEvent() {},
      onEvent(_, event) {
        events.push(event);
        onEvent(event);
      },
    });
    fleet.add(workspace);
    await fleet.run(stop);
    await store.close();
  }

  return {
    id,
    name,
    file,
    get events() {
      return events;
    },
    saw: (type, times = 1) => events.filter((event) => event.type === type).length >= times,
    fileMode: async () => `0${((await stat(file)).mode & 0o777).toString(8)}`,
    start() {
      events = [];
      const stop = new AbortController();
      running = { stop, done: live(stop.signal) };
    },
    async stop() {
      running?.stop.abort();
      await running?.done;
      running = null;
    },
    async rotate(signal) {
      const store = openStore();
      const { timeoutMs } = TIMING;
      try {
        return describeRotation(
          await rotateOne(workspace, { card: { name }, timeoutMs, env: {}, hide() {}, store, signal }),
        );
      } finally {
        await store.close();
      }
    },
  };
}
