import { join } from "node:path";
import { audienceDirName } from "@x/auth-node";
import type { WorkspaceConfig } from "../src/config/workspaces.ts";
import { RESULTS_FILE, TOKEN_FILE } from "../src/storage/locations.ts";
import { type Audit, createAudit } from "./audit.ts";
import { type CarelessAgents, createCarelessAgents } from "./careless-agents.ts";
import { type Counters, newCounters } from "./counters.ts";
import { createDelegating } from "./delegating.ts";
import { diskClock } from "./disk-clock.ts";
import { createDiskFaults, type DiskFaults } from "./disk-faults.ts";
import { createFaultInjector, type FaultInjector, type InjectedFault } from "./fault-injection.ts";
import { createFaultSchedule, type FaultSchedule } from "./fault-schedule.ts";
import { hostileAnswers } from "./hostile-answers.ts";
import type { LogReader } from "./log-reader.ts";
import { createPlatform, PLATFORM_URL, type Platform } from "./platform.ts";
import { createProvisioner } from "./provisioner.ts";
import { seededRandom } from "./random.ts";
import { createRunners, type Runners } from "./runner.ts";
import type { SimulatedAgent } from "./simulated-agent.ts";
import { simulatedConnection } from "./simulated-connection.ts";
import { type VirtualTime, virtualTime } from "./virtual-time.ts";

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How often the platform rotates each workspace's token. */
export const ROTATION_MS = 60 * MINUTE;
/**
 * How long a workspace may take to get in while the platform is up: the longest back-off of the runner (five minutes)
 * twice, a pause that the platform asked for (two), some heartbeats, and as long as a disk that fails (five) or an agent
 * that obstructs its file (ten) keeps it from a token.
 */
export const MARGIN_MS = 30 * MINUTE;

export interface WorldOptions {
  readonly workspaces: number;
  readonly intervalMs: number;
  readonly seed: number;
  /** Where the tokens and results are kept: an empty directory. */
  readonly directory: string;
  readonly injectedFault: InjectedFault | null;
}

/** A platform with all that may befall it, and what a runner needs to live in it. */
export interface World {
  readonly time: VirtualTime;
  readonly platform: Platform;
  readonly faults: FaultSchedule;
  readonly diskFaults: DiskFaults;
  readonly careless: CarelessAgents;
  readonly log: LogReader;
  readonly counters: Counters;
  readonly audit: Audit;
  readonly faultInjector: FaultInjector;
  readonly list: readonly WorkspaceConfig[];
  readonly resultsFile: (id: string) => string;
  /** Starts the faults. */
  unleash(): void;
  /** No outages, no lost or hostile answers, no faults of the disk and of the log's reader any more; tokens are still rotated. */
  calm(): void;
  /** Ends all faults. */
  retire(): void;
  readonly createRunner: Runners["create"];
}

/** Fraction of the requests whose answer is lost. */
const LOST_SHARE = 0.05;
/** Part of the requests that something else answers. */
const HOSTILE_SHARE = 0.005;
/** Of how many workspaces the platform calls one. The others poll. */
const PUSHED_TO_ONE_OF = 5;
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
  const fileOf = (id: string, name: string, area = "workspaces") =>
    join(directory, area, audienceDirName(PLATFORM_URL), id, name);
  const resultsFile = (id: string) => fileOf(id, RESULTS_FILE);
  const diskFaults = createDiskFaults({
    time,
    random: stream(),
    directory,
    meanGapMs: 6 * HOUR,
    shortestMs: 10_000,
    longestMs: 5 * MINUTE,
  });
  const careless = createCarelessAgents({
    time,
    random: stream(),
    resultsFile,
    meanMs: 2 * DAY,
    shortestMs: MINUTE,
    longestMs: 10 * MINUTE,
  });
  const delegating = createDelegating({ time, random: stream(), counters, meanMs: DELEGATION_MEAN_MS });
  let lostShare = LOST_SHARE;
  let hostileShare = HOSTILE_SHARE;
  const echoes = stream();
  const connection = simulatedConnection({
    platform,
    faults,
    time,
    random: stream(),
    counters,
    lostShare: () => lostShare,
    hostileShare: () => hostileShare,
    hostileAnswer: hostileAnswers({
      random: stream(),
      anyToken: () => agents[Math.floor(echoes() * agents.length)]?.presented ?? "",
      onEcho: (written) => log.watchFor(written),
    }),
    distort: faultInjector.distort,
  });
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

  const { log, create } = createRunners({
    time,
    disk,
    entry: diskFaults.entry,
    directory,
    tokenFile: (id) => fileOf(id, TOKEN_FILE),
    list,
    intervalMs,
    random: stream(),
    connection,
    counters,
    faultInjector,
    logFaults: { random: stream(), meanGapMs: 3 * HOUR, shortestMs: MINUTE, longestMs: 4 * HOUR },
  });

  return {
    time,
    platform,
    faults,
    diskFaults,
    careless,
    log,
    counters,
    audit,
    faultInjector,
    list,
    resultsFile,
    unleash() {
      for (const agent of agents) provisioner.lookAfter(agent);
      for (const agent of agents) careless.engage(agent);
      // What is finished before the runner's first look would be history.
      time.after(MARGIN_MS, () => agents.slice(0, BUSY).forEach(delegating.engage));
    },
    calm() {
      faults.clear();
      diskFaults.clear();
      careless.clear();
      log.clear();
      lostShare = 0;
      hostileShare = 0;
    },
    retire() {
      provisioner.retire();
      delegating.retire();
    },
    createRunner: create,
  };
}
