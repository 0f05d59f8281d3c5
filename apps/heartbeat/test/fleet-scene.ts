import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { AuthEvent } from "@x/auth-core";
import { audienceDirName } from "@x/auth-node";
import type { Emulator, RecordedRequest } from "@x/emulator";
import { expect, onTestFinished } from "vitest";
import { systemClock } from "../src/clock.ts";
import { DEFAULT_TIMING } from "../src/config/timing.ts";
import type { WorkspaceConfig } from "../src/config/workspaces.ts";
import { createFleet } from "../src/fleet/fleet.ts";
import type { FleetOptions } from "../src/fleet/fleet-types.ts";
import { createFileStore } from "../src/storage/file-store.ts";
import type { WorkspaceEvent } from "../src/workspace/events.ts";
import { temporaryDirectory } from "./support/directory.ts";

/** A heartbeat every 0.6 s. */
const SPEED = 50;
/** A request may take 2 s of real time: the machine is busy. */
const TIMING = { ...DEFAULT_TIMING, timeoutMs: 100_000 };

export interface FleetSceneOptions extends Partial<Pick<FleetOptions, "env" | "connect" | "lease">> {
  /** The directory of an earlier fleet, for a restart. @default a new one */
  readonly configsDir?: string;
  /** Entry point of the file threads, for hanging disks. */
  readonly entry?: URL;
}

/** A running fleet on real files and sockets, fifty times as fast as real time. */
export async function startFleet(
  workspaces: readonly WorkspaceConfig[],
  { configsDir, entry, env = {}, ...options }: FleetSceneOptions = {},
) {
  const directory = configsDir ?? temporaryDirectory();
  const events: (WorkspaceEvent & { workspaceId: string })[] = [];
  const authEvents: (AuthEvent & { workspaceId: string })[] = [];
  const store = createFileStore({
    configsDir: directory,
    env,
    layout: "list",
    onEvent() {},
    ...(entry && { entry }),
  });
  const fleet = createFleet({
    store,
    timing: TIMING,
    cardOf: (name) => ({ name }),
    env,
    clock: systemClock(SPEED),
    random: Math.random,
    userAgent: "test/1",
    onEvent: (workspaceId, event) => events.push({ ...event, workspaceId }),
    onAuthEvent: (workspaceId, event) => authEvents.push({ ...event, workspaceId }),
    ...options,
  });
  await fleet.apply(workspaces);
  const stopping = new AbortController();
  const done = fleet.run(stopping.signal);
  const stop = async () => {
    stopping.abort();
    await done;
    await store.close();
  };
  onTestFinished(stop);
  const heartbeats = (id: string) =>
    events.filter(({ type, workspaceId }) => type === "heartbeat" && workspaceId === id).length;
  return {
    fleet,
    store,
    configsDir: directory,
    events,
    authEvents,
    /** How many heartbeats of a workspace were accepted. */
    heartbeats,
    /** Waits until so many more heartbeats of each of these workspaces are accepted. */
    async more(count: number, ...ids: readonly string[]) {
      const wanted = ids.map((id) => [id, heartbeats(id) + count] as const);
      await expect.poll(() => wanted.every(([id, least]) => heartbeats(id) >= least)).toBe(true);
    },
    /** Stops the fleet and its store; the end of the test does so, too. */
    stop,
  };
}

/** A workspace of a list, at the shared platform. */
export const shared = (id: string, platformUrl: string, token?: string): WorkspaceConfig => ({
  id,
  platformUrl,
  ownPlatform: false,
  isListed: true,
  ...(token !== undefined && { token }),
});

/** A workspace of a list that names its platform itself. */
export const own = (id: string, platformUrl: string, token?: string): WorkspaceConfig => ({
  ...shared(id, platformUrl, token),
  ownPlatform: true,
});

/** The directory of a workspace below `<configs>/workspaces`, or the one of its spilled token. */
export const directoryOf = (
  configsDir: string,
  platformUrl: string,
  id: string,
  area: "workspaces" | "unsaved" = "workspaces",
): string => join(configsDir, area, audienceDirName(new URL(platformUrl).origin), id);

/** The token that is stored for a workspace; `null` when there is none. */
export async function storedToken(...location: Parameters<typeof directoryOf>): Promise<string | null> {
  return readFile(join(directoryOf(...location), ".auth_token"), "utf8").catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  });
}

/** Registrations and heartbeats of a workspace. */
export const registryRequests = ({ requests }: Emulator, id: string): RecordedRequest[] =>
  requests.filter(({ path, workspaceId }) => path.startsWith("/registry/") && workspaceId === id);

export const registrations = (emulator: Emulator, id: string): RecordedRequest[] =>
  registryRequests(emulator, id).filter(({ path }) => path === "/registry/register");
