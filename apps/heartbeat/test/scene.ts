import { join } from "node:path";
import type { Auth, AuthEvent } from "@x/auth-core";
import { audienceDirName, type FileStorageEvent } from "@x/auth-node";
import { onTestFinished } from "vitest";
import { DEFAULT_TIMING } from "../src/config/timing.ts";
import type { WorkspaceConfig } from "../src/config/workspaces.ts";
import { Platforms } from "../src/fleet/platforms.ts";
import { openAuth, refOf } from "../src/fleet/workspace-auth.ts";
import { authMessage } from "../src/observability/auth-messages.ts";
import type { LogMessage } from "../src/observability/log-message.ts";
import { logMessage } from "../src/observability/log-messages.ts";
import { createFileStore } from "../src/storage/file-store.ts";
import { refKey } from "../src/storage/workspace-store.ts";
import { connect } from "../src/transport/connection.ts";
import { WorkspaceAgent } from "../src/workspace/agent.ts";
import type { WorkspaceEvent } from "../src/workspace/events.ts";
import type { Job } from "../src/workspace/jobs/job.ts";
import { AGENT_7 } from "./ids.ts";
import { temporaryDirectory } from "./support/directory.ts";
import { startPlatform } from "./support/platform.ts";
import { type VirtualClock, virtualClock } from "./virtual-clock.ts";

export type Scene = Awaited<ReturnType<typeof createScene>>;

interface Runner {
  readonly agent: WorkspaceAgent;
  readonly auth: Auth;
  /** Takes a step, runs the jobs that are due then, and advances time to the next step. */
  step(times?: number): Promise<void>;
}

export const ID = AGENT_7;

/** A platform on real sockets, files on the real disk, and time that the test controls. */
export async function createScene(options: Parameters<typeof startPlatform>[0] = {}) {
  const clock = virtualClock();
  const emulator = await startPlatform({ clock: { now: clock.wall }, ...options });
  const configsDir = temporaryDirectory();
  const events: WorkspaceEvent[] = [];
  const authEvents: (AuthEvent | FileStorageEvent)[] = [];
  const messages: LogMessage[] = [];
  const config: WorkspaceConfig = { id: ID, platformUrl: emulator.url, ownPlatform: false, isListed: false };
  const ref = refOf(config);
  const onEvent = (_: string, event: WorkspaceEvent) => {
    events.push(event);
    messages.push(logMessage(event));
  };
  const onAuthEvent = (_: unknown, event: AuthEvent | FileStorageEvent) => {
    authEvents.push(event);
    messages.push(authMessage(event));
  };
  const requests = () => emulator.requests.filter(({ path }) => path.startsWith("/registry/"));
  return {
    emulator,
    clock,
    configsDir,
    /** Path of the token file. */
    file: join(configsDir, ".auth_token"),
    /** Where the token is kept while its file is not writable. */
    spillFile: join(configsDir, "unsaved", audienceDirName(ref.platformOrigin), ID, ".auth_token"),
    events,
    authEvents,
    /** The log codes so far, at every level except `trace`. */
    codes: () => messages.flatMap(({ level, code }) => (level === "trace" ? [] : [code])),
    /** The same as text lines. */
    log: () => messages.map(({ level, text }) => `${level} ${text}`).join("\n"),
    /** Registrations and heartbeats so far. */
    requests,
    registrations: () => requests().filter(({ path }) => path === "/registry/register"),
    statuses: () => requests().map(({ status }) => status),
    /** A runner that knows only what is on disk and in `env`; a second one is a restart. */
    async start(env: Record<string, string> = {}) {
      const store = createFileStore({ configsDir, env, layout: "single", onEvent: onAuthEvent });
      const platforms = new Platforms({ clock, timing: DEFAULT_TIMING, userAgent: "test/1", connect });
      onTestFinished(async () => {
        await platforms.close();
        await store.close();
      });
      const auth = openAuth(config, { store, env, onAuthEvent });
      const agent = new WorkspaceAgent({
        environment: { store, timing: DEFAULT_TIMING, clock, random: () => 0.5, onEvent, inbox: null },
        ref,
        auth,
        createClient: platforms.at(emulator.url).createClient,
        card: { name: ID, description: "", skills: [] },
        begin: "register",
        unsavedToken: null,
        hasSpilledToken: (await store.spilled()).has(refKey(ref)),
      });
      return { agent, auth, step: stepper(agent, clock) };
    },
  };
}

/** A scene whose first runner has taken this many steps: it has registered after one, and is alive after two. */
export async function sceneAfter(steps: number, options: Parameters<typeof startPlatform>[0] = {}) {
  const scene = await createScene(options);
  const runner = await scene.start();
  await runner.step(steps);
  return { scene, runner };
}

/** Does what the scheduler does for one workspace. */
function stepper(agent: WorkspaceAgent, clock: VirtualClock): Runner["step"] {
  const never = new AbortController().signal;
  const dueAt = new Map<Job, number>();
  return async (times = 1) => {
    for (let taken = 0; taken < times; taken += 1) {
      const { wait, isAlive } = await agent.step(never);
      for (const job of isAlive ? agent.jobs : []) {
        if ((dueAt.get(job) ?? 0) > clock.monotonic()) continue;
        await agent.runJob(job, never);
        dueAt.set(job, clock.monotonic() + job.everyMs);
      }
      await clock.advance(wait === "interval" ? DEFAULT_TIMING.intervalMs : wait);
    }
  };
}
