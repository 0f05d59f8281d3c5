import type { Fleet } from "../../src/fleet/fleet.ts";
import type { Silence } from "./audit.ts";
import { between, seededRandom } from "./random.ts";
import { countResults, type ResultsCount } from "./results.ts";
import type { Tally } from "./tally.ts";
import { createWorld, HOUR, MARGIN_MS, MINUTE, ROTATION_MS, type World, type WorldOptions } from "./world.ts";

export interface SoakOptions extends WorldOptions {
  readonly days: number;
  /** Bytes in use after a garbage collection; left out, the heap is not measured. */
  readonly heapUsed?: () => number;
  readonly onDay?: (day: DaySample) => void;
}

export interface DaySample {
  readonly day: number;
  readonly tally: Readonly<Tally>;
  /** Of the runner; `null` when not measured. */
  readonly heapBytes: number | null;
  readonly lockedOut: number;
}

/** What was found. */
export interface SoakReport {
  readonly options: Pick<SoakOptions, "days" | "workspaces" | "intervalMs" | "seed" | "sabotage">;
  /** Until the weather cleared. */
  readonly storm: Readonly<Tally>;
  /** To the very end. */
  readonly tally: Readonly<Tally>;
  readonly outages: Readonly<Record<string, number>>;
  readonly downMs: number;
  readonly silence: Silence;
  /** Ids of workspaces that were locked out at some time. */
  readonly lockedOut: readonly string[];
  /** Without an accepted beat after the storm, and after a restart of the runner that followed it. */
  readonly silentAtEnd: readonly string[];
  readonly silentAfterRestart: readonly string[];
  /** 401s after that restart: none, when every token in use was kept. */
  readonly refusalsAfterRestart: number;
  readonly tokensLost: number;
  readonly results: ResultsCount;
  /** Of the runner, at the end of each day; empty when not measured. */
  readonly heapBytes: readonly number[];
}

/** How many workspaces in an hour are taken out of the list and put back a minute later. */
const RESTARTS_AN_HOUR = 10;

/**
 * A real fleet lives through some days of everything that the contract allows, in simulated time; then the weather
 * clears, and then the runner is restarted with nothing but what it has stored.
 */
export async function soak(options: SoakOptions): Promise<SoakReport> {
  const { days, workspaces, intervalMs, seed, sabotage, heapUsed, onDay } = options;
  const world = createWorld(options);
  const { time, tally, audit, weather, platform } = world;
  const heapBefore = heapUsed?.() ?? 0;
  const heapBytes: number[] = [];
  world.unleash();
  const fleet = await begin(world);
  const random = seededRandom(seed);

  for (let hour = 1; hour <= days * 24; hour += 1) {
    await restartSome(world, fleet, random);
    await time.pass(HOUR - MINUTE);
    audit.look(platform.residents.values());
    if (hour % 24 !== 0) continue;
    if (heapUsed) heapBytes.push(heapUsed() - heapBefore);
    onDay?.({
      day: hour / 24,
      tally: { ...tally },
      heapBytes: heapBytes.at(-1) ?? null,
      lockedOut: audit.lockedOut.size,
    });
  }
  const storm = { ...tally };
  const outages = { ...weather.outages };
  const downMs = weather.downMs();

  // Whoever was left without a token gets one with the next rotation; then it becomes quiet.
  world.calm();
  await time.pass(ROTATION_MS);
  world.retire();
  const silentAtEnd = await settle(world, intervalMs);
  await fleet.stop();

  const refusalsBefore = tally.refusals;
  const restarted = await begin(world);
  const silentAfterRestart = await settle(world, intervalMs);
  await restarted.stop();
  return {
    options: { days, workspaces, intervalMs, seed, sabotage },
    storm,
    tally,
    outages,
    downMs,
    silence: audit.silence(),
    lockedOut: [...audit.lockedOut],
    silentAtEnd,
    silentAfterRestart,
    refusalsAfterRestart: tally.refusals - refusalsBefore,
    tokensLost: audit.lost(),
    results: countResults(platform.residents.values(), world.resultsFile, tally),
    heapBytes,
  };
}

/** Lets everybody get in who can, and gives those who then miss their beats. */
async function settle({ time, audit, platform }: World, intervalMs: number): Promise<string[]> {
  const residents = [...platform.residents.values()];
  await time.pass(MARGIN_MS);
  const since = time.monotonic();
  await time.pass(MINUTE + 2 * intervalMs);
  audit.look(residents);
  return audit.silentSince(residents, since);
}

interface RunningFleet extends Pick<Fleet, "apply"> {
  stop(): Promise<void>;
}

async function begin({ createFleet, list, time }: World): Promise<RunningFleet> {
  const fleet = createFleet();
  await fleet.apply(list);
  const stop = new AbortController();
  const done = fleet.run(stop.signal);
  return {
    apply: fleet.apply,
    async stop() {
      stop.abort();
      await time.pass(MINUTE);
      await done;
    },
  };
}

async function restartSome(world: World, fleet: RunningFleet, random: () => number): Promise<void> {
  const { list, tally, time, saboteur, resultsFile } = world;
  const first = Math.floor(between(random, 0, list.length));
  const out = new Set(list.slice(first, first + RESTARTS_AN_HOUR));
  tally.restarts += out.size;
  await fleet.apply(list.filter((workspace) => !out.has(workspace)));
  await time.pass(MINUTE);
  for (const { id } of out) saboteur.onRestart(resultsFile(id));
  await fleet.apply(list);
}
