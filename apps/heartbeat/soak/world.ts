import { join } from "node:path";
import type { AuthEvent } from "@x/auth-core";
import { audienceDirName } from "@x/auth-node";
import { DEFAULT_TIMING } from "../src/config/timing.ts";
import type { WorkspaceConfig } from "../src/config/workspaces.ts";
import { createFleet } from "../src/fleet/fleet.ts";
import type { Fleet } from "../src/fleet/fleet-types.ts";
import { createFileStore } from "../src/storage/file-store.ts";
import { RESULTS_FILE, TOKEN_FILE } from "../src/storage/locations.ts";
import { userAgent } from "../src/version.ts";
import { type Audit, createAudit } from "./audit.ts";
import { type Counters, newCounters } from "./counters.ts";
import { createDelegating } from "./delegating.ts";
import { diskClock } from "./disk-clock.ts";
import { createFaultInjector, type FaultInjector, type InjectedFault } from "./fault-injection.ts";
import { createFaultSchedule, type FaultSchedule } from "./fault-schedule.ts";
import { createPlatform, PLATFORM_URL, type Platform } from "./platform.ts";
import { createProvisioner } from "./provisioner.ts";
import { seededRandom } from "./random.ts";
import type { SimulatedAgent } from "./simulated-agent.ts";
import { simulatedConnection } from "./simulated-connection.ts";
import { type VirtualTime, virtualTime } from "./virtual-time.ts";

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How often the platform rotates each workspace's token. */
export const ROTATION_MS = 60 * MINUTE;
/**
 * How long a workspace may take to connect while the platform is up: twice the runner's longest back-off (five
 * minutes), a pause that the platform asked for (two minutes), and some heartbeats.
 */
export const MARGIN_MS = 15 * MINUTE;

export interface WorldOptions {
  readonly workspaces: number;
  readonly intervalMs: number;
  readonly seed: number;
  /** Where the tokens and results are kept: an empty directory. */
  readonly directory: string;
  readonly injectedFault: InjectedFault | null;
}

/** A fleet and its storage. */
interface Runner {
  readonly fleet: Fleet;
  /** Settles once the fleet has ended. */
  close(): Promise<unknown>;
}

/** A platform with all its faults, and what a runner needs to work with it. */
export interface World {
  readonly time: VirtualTime;
  readonly platform: Platform;
  readonly faults: FaultSchedule;
  readonly counters: Counters;
  readonly audit: Audit;
  readonly faultInjector: FaultInjector;
  readonly list: readonly WorkspaceConfig[];
  readonly resultsFile: (id: string) => string;
  /** Starts the faults. */
  unleash(): void;
  /** Ends outages and lost answers; tokens are still rotated. */
  calm(): void;
  /** Ends all faults. */
  retire(): void;
  /** A runner that has only its list and what is stored. */
  createRunner(): Runner;
}

/** Fraction of the requests whose answer is lost. */
const LOST_SHARE = 0.05;
/** One in this many workspaces is a push workspace. The others poll. */
const PUSHED_TO_ONE_OF = 5;
/** The disk is in memory. It does not hang, but on a busy machine it may seem to. */
const PATIENT = { answerMs: 60_000, slowMs: 60_000 };
/** How many workspaces delegate, and how often. */
const BUSY = 10;
const DELEGATION_MEAN_MS = 2 * MINUTE;

export function createWorld({ workspaces, intervalMs, seed, directory, injectedFault }: WorldOptions): World {
  let streams = 0;
  const stream = () => {
    streams += 1;
    return seededRandom(seed * 1_000 + streams);
  };
  const disk = diskClock();
  const time = virtualTime(disk);
  const counters = newCounters();
  const faultInjector = createFaultInjector(injectedFault);
  const faults = createFaultSchedule({
    time,
    random: stream(),
    meanGapMs: 4 * HOUR,
    shortestMs: 10_000,
    longestMs: 30 * MINUTE,
  });
  const { upMs } = faults;
  const audit = createAudit({ marginMs: MARGIN_MS, rotationMs: ROTATION_MS, upMs, now: time.monotonic });
  const platform = createPlatform({ time, random: stream(), faults, counters, observe: audit.observe });
  const provisioner = createProvisioner({
    platform,
    time,
    random: stream(),
    counters,
    rotationMs: ROTATION_MS,
    pushMeanMs: DAY,
    revocationMeanMs: 2 * DAY,
  });
  const delegating = createDelegating({ time, random: stream(), counters, meanMs: DELEGATION_MEAN_MS });
  let lostShare = LOST_SHARE;
  const connection = simulatedConnection({
    platform,
    faults,
    time,
    random: stream(),
    counters,
    lostShare: () => lostShare,
    distort: faultInjector.distort,
  });
  const fleetRandom = stream();

  const fileOf = (id: string, name: string, area = "workspaces") =>
    join(directory, area, audienceDirName(PLATFORM_URL), id, name);
  const agents = Array.from({ length: workspaces }, (_, index): SimulatedAgent => {
    const id = `agent-${index}`;
    return platform.provision({
      id,
      tokenFile: fileOf(id, TOKEN_FILE),
      spillFile: fileOf(id, TOKEN_FILE, "unsaved"),
      isListed: index % 2 === 0,
      url: index % PUSHED_TO_ONE_OF === 0 ? `https://${id}.example/` : "",
    });
  });
  const list = agents.map(({ id, listToken }): WorkspaceConfig => {
    const config = { id, platformUrl: PLATFORM_URL, ownPlatform: false, isListed: true };
    return listToken === null ? config : { ...config, token: listToken };
  });

  return {
    time,
    platform,
    faults,
    counters,
    audit,
    faultInjector,
    list,
    resultsFile: (id) => fileOf(id, RESULTS_FILE),
    unleash() {
      for (const agent of agents) provisioner.lookAfter(agent);
      for (const agent of agents.slice(0, BUSY)) delegating.engage(agent);
    },
    calm() {
      faults.clear();
      lostShare = 0;
    },
    retire() {
      provisioner.retire();
      delegating.retire();
    },
    createRunner() {
      const onAuthEvent = (id: string, event: AuthEvent) => {
        if (event.type === "token-saved" && event.written) faultInjector.onSaved(fileOf(id, TOKEN_FILE));
      };
      const store = createFileStore({
        configsDir: directory,
        env: {},
        layout: "list",
        onEvent() {},
        clock: disk,
        limits: PATIENT,
      });
      const fleet = createFleet({
        store,
        timing: { ...DEFAULT_TIMING, intervalMs },
        cardOf: (name) => ({ name, description: "", skills: [] }),
        env: {},
        clock: time,
        random: fleetRandom,
        userAgent,
        connect: () => connection,
        onEvent(_id, event) {
          if (event.type === "token-recovered") counters.recoveries += 1;
          if (event.type === "delegations-finished") counters.delivered += event.count;
        },
        onAuthEvent,
      });
      return { fleet, close: store.close };
    },
  };
}
