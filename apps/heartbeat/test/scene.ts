import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Auth } from "@x/auth-core";
import { createNodeAuth, fileTokenStorage } from "@x/auth-node";
import { type Emulator, type RecordedRequest, startEmulator } from "@x/emulator";
import { onTestFinished } from "vitest";
import { DEFAULT_TIMING } from "../src/config/timing.ts";
import { logMessage } from "../src/observability/log-messages.ts";
import { INBOUND_SECRET_FILE } from "../src/storage/workspace-paths.ts";
import { createPlatformClient } from "../src/transport/client.ts";
import { createPooledTransport } from "../src/transport/pool.ts";
import { createWorkspaceAgent, type WorkspaceAgent } from "../src/workspace/agent.ts";
import type { WorkspaceEvent } from "../src/workspace/events.ts";
import { type VirtualClock, virtualClock } from "./virtual-clock.ts";

type EmulatorOptions = NonNullable<Parameters<typeof startEmulator>[0]>;

/** A platform over real sockets, a token file on the real disk, and time that the test moves. */
export interface Scene {
  readonly emulator: Emulator;
  readonly clock: VirtualClock;
  readonly configsDir: string;
  readonly file: string;
  readonly events: WorkspaceEvent[];
  /** What an operator would have read so far. */
  log(): string;
  /** A runner that knows nothing but what is on the disk and in `env`; a second one is a restart. */
  start(env?: Record<string, string>): Runner;
  /** Registrations and heartbeats so far, with their statuses. */
  requests(): readonly RecordedRequest[];
  statuses(): (number | null)[];
}

interface Runner {
  readonly agent: WorkspaceAgent;
  readonly auth: Auth;
  /** Takes a step, and moves time to the next one. */
  step(times?: number): Promise<void>;
}

export const ID = "agent-7";

export async function createScene(options: EmulatorOptions = {}): Promise<Scene> {
  const clock = virtualClock();
  const emulator = await startEmulator({ clock: { now: clock.wall }, ...options });
  const configsDir = await mkdtemp(join(tmpdir(), "heartbeat-"));
  const events: WorkspaceEvent[] = [];
  const closing: (() => Promise<void>)[] = [];
  onTestFinished(async () => {
    for (const close of closing) await close();
    await emulator.close();
    await rm(configsDir, { recursive: true, force: true });
  });
  const requests = () => emulator.requests.filter(({ path }) => path.startsWith("/registry/"));
  return {
    emulator,
    clock,
    configsDir,
    file: join(configsDir, ".auth_token"),
    events,
    log: () => events.map((event) => `${logMessage(event).level} ${logMessage(event).text}`).join("\n"),
    requests,
    statuses: () => requests().map(({ status }) => status),
    start(env = {}) {
      const client = createPlatformClient(emulator.url, clock, createPooledTransport(emulator.url));
      closing.push(client.close);
      const auth = createNodeAuth({ configsDir, env: { PLATFORM_URL: emulator.url, ...env } });
      const agent = createWorkspaceAgent({
        workspaceId: ID,
        auth,
        openInboundSecret: () => fileTokenStorage({ configsDir, fileName: INBOUND_SECRET_FILE }),
        resultsPath: join(configsDir, "delegation_results.jsonl"),
        client,
        card: { name: ID, description: "", skills: [] },
        timing: DEFAULT_TIMING,
        clock,
        random: () => 0.5,
        emit: (event) => events.push(event),
      });
      return {
        agent,
        auth,
        async step(times = 1) {
          for (let taken = 0; taken < times; taken += 1) {
            const { wait, afterwards } = await agent.step();
            await afterwards;
            await clock.advance(wait === "interval" ? DEFAULT_TIMING.intervalMs : wait);
          }
        },
      };
    },
  };
}
