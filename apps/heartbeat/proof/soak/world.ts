import { join } from "node:path";
import type { WorkspaceConfig } from "../../src/config/workspaces.ts";
import { createFleet, type Fleet } from "../../src/fleet/fleet.ts";
import { DEFAULT_PACE } from "../../src/worker/delays.ts";
import { type Audit, createAudit } from "./audit.ts";
import { createDelegating } from "./delegating.ts";
import { createPlatform, PLATFORM_URL, type Platform } from "./platform.ts";
import { createProvisioner } from "./provisioner.ts";
import { seededRandom } from "./random.ts";
import type { Resident } from "./resident.ts";
import { createSaboteur, type Sabotage, type Saboteur } from "./sabotage.ts";
import { simulatedClient } from "./simulated-client.ts";
import { newTally, type Tally } from "./tally.ts";
import { type VirtualTime, virtualTime } from "./virtual-time.ts";
import { createWeather, type Weather } from "./weather.ts";

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How often the platform rotates each workspace's token. */
export const ROTATION_MS = 60 * MINUTE;
/**
 * How long a workspace may take to get in while the platform is up: the longest back-off of the runner (five minutes)
 * twice, a pause that the platform asked for (two), and some beats.
 */
export const MARGIN_MS = 15 * MINUTE;

export interface WorldOptions {
  readonly workspaces: number;
  readonly intervalMs: number;
  readonly seed: number;
  /** Where the tokens and results are kept: an empty directory. */
  readonly directory: string;
  readonly sabotage: Sabotage | null;
}

/** A platform with all that may befall it, and what a runner needs to live in it. */
export interface World {
  readonly time: VirtualTime;
  readonly platform: Platform;
  readonly weather: Weather;
  readonly tally: Tally;
  readonly audit: Audit;
  readonly saboteur: Saboteur;
  readonly list: readonly WorkspaceConfig[];
  readonly resultsFile: (id: string) => string;
  /** Begins what befalls the workspaces. */
  unleash(): void;
  /** No outages and no lost answers any more; tokens are still rotated. */
  calm(): void;
  /** Nothing befalls the workspaces any more. */
  retire(): void;
  /** A runner that knows nothing but its list and what is stored. */
  createFleet(): Fleet;
}

/** Part of the requests whose answer is lost. */
const LOST_SHARE = 0.05;
/** How many workspaces delegate, and how often. */
const BUSY = 10;
const DELEGATION_MEAN_MS = 2 * MINUTE;

export function createWorld({ workspaces, intervalMs, seed, directory, sabotage }: WorldOptions): World {
  let streams = 0;
  const stream = () => {
    streams += 1;
    return seededRandom(seed * 1_000 + streams);
  };
  const time = virtualTime();
  const tally = newTally();
  const saboteur = createSaboteur(sabotage);
  const weather = createWeather({
    time,
    random: stream(),
    meanGapMs: 4 * HOUR,
    shortestMs: 10_000,
    longestMs: 30 * MINUTE,
  });
  const { upMs } = weather;
  const audit = createAudit({ marginMs: MARGIN_MS, rotationMs: ROTATION_MS, upMs, now: time.monotonic });
  const platform = createPlatform({ time, random: stream(), weather, tally, observe: audit.observe });
  const provisioner = createProvisioner({
    platform,
    time,
    random: stream(),
    tally,
    rotationMs: ROTATION_MS,
    pushMeanMs: DAY,
    revocationMeanMs: 2 * DAY,
  });
  const delegating = createDelegating({ time, random: stream(), tally, meanMs: DELEGATION_MEAN_MS });
  let lostShare = LOST_SHARE;
  const clientRandom = stream();
  const fleetRandom = stream();

  const fileOf = (id: string, name: string) => join(directory, "workspaces", id, name);
  const residents = Array.from({ length: workspaces }, (_, index): Resident => {
    const id = `agent-${index}`;
    return platform.provision(id, fileOf(id, ".auth_token"), index % 2 === 0);
  });
  const list = residents.map(({ id, listToken }): WorkspaceConfig => {
    const config = { id, platformUrl: PLATFORM_URL, ownPlatform: false };
    return listToken === null ? config : { ...config, token: listToken };
  });

  return {
    time,
    platform,
    weather,
    tally,
    audit,
    saboteur,
    list,
    resultsFile: (id) => fileOf(id, "delegation_results.jsonl"),
    unleash() {
      for (const resident of residents) provisioner.lookAfter(resident);
      for (const resident of residents.slice(0, BUSY)) delegating.engage(resident);
    },
    calm() {
      weather.clear();
      lostShare = 0;
    },
    retire() {
      provisioner.retire();
      delegating.retire();
    },
    createFleet: () =>
      createFleet({
        config: {
          configsDir: directory,
          isFleet: true,
          pace: { ...DEFAULT_PACE, intervalMs },
          cardOf: (name) => ({ name, description: "", skills: [] }),
        },
        env: {},
        clock: time,
        random: fleetRandom,
        connect: () =>
          simulatedClient({
            platform,
            weather,
            time,
            random: clientRandom,
            tally,
            lostShare: () => lostShare,
            distort: saboteur.distort,
          }),
        onNotice(_id, notice) {
          if (notice.type === "token-recovered") tally.recoveries += 1;
          if (notice.type === "delegations-finished") tally.delivered += notice.count;
        },
        onAuthEvent(id, event) {
          if (event.type === "token-saved" && event.written) saboteur.onSaved(fileOf(id, ".auth_token"));
        },
      }),
  };
}
