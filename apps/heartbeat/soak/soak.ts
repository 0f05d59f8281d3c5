import type { Fleet } from "../src/fleet/fleet-types.ts";
import type { Silence } from "./audit.ts";
import type { Counters } from "./counters.ts";
import type { LogReport } from "./log-reader.ts";
import { between, seededRandom } from "./random.ts";
import { countResults, type ResultsCount } from "./results.ts";
import { createWorld, HOUR, MARGIN_MS, MINUTE, ROTATION_MS, type World, type WorldOptions } from "./world.ts";

export interface SoakOptions extends WorldOptions {
  readonly days: number;
  /** Bytes in use after a garbage collection; if omitted, the heap is not measured. */
  readonly heapUsed?: () => number;
  readonly onDay?: (day: DaySample) => void;
}

export interface DaySample {
  readonly day: number;
  readonly counters: Readonly<Counters>;
  /** The runner's heap; `null` when not measured. */
  readonly heapBytes: number | null;
  readonly lockedOut: number;
}

/** The results. */
export interface SoakReport {
  readonly options: Pick<SoakOptions, "days" | "workspaces" | "intervalMs" | "seed" | "injectedFault">;
  /** Until the faults ended. */
  readonly duringFaults: Readonly<Counters>;
  /** Until the very end. */
  readonly counters: Readonly<Counters>;
  readonly outages: Readonly<Record<string, number>>;
  /** Faults of the disk, and what agents did to their files, by kind. */
  readonly diskFaults: Readonly<Record<string, number>>;
  readonly obstacles: Readonly<Record<string, number>>;
  readonly log: LogReport;
  readonly downMs: number;
  readonly silence: Silence;
  /** Ids of workspaces that were ever locked out. */
  readonly lockedOut: readonly string[];
  /** Without an accepted heartbeat after the faults, and after the runner's restart that followed. */
  readonly silentAtEnd: readonly string[];
  readonly silentAfterRestart: readonly string[];
  /** 401s after that restart: none, if every token in use was stored. */
  readonly rejectionsAfterRestart: number;
  readonly tokensLost: number;
  readonly results: ResultsCount;
  /** The runner's heap at the end of each day; empty when not measured. */
  readonly heapBytes: readonly number[];
}

/** How many workspaces per hour are removed from the list and added again a minute later. */
const RESTARTS_AN_HOUR = 10;

/**
 * Runs a real fleet in simulated time through several days of everything that the contract allows; then the faults
 * stop, and finally the runner restarts with only what it has stored.
 */
export async function soak(options: SoakOptions): Promise<SoakReport> {
  const { days, workspaces, intervalMs, seed, injectedFault, heapUsed, onDay } = options;
  const world = createWorld(options);
  const { time, counters, audit, faults, diskFaults, careless, log, platform } = world;
  const heapBefore = heapUsed?.() ?? 0;
  const heapBytes: number[] = [];
  world.unleash();
  const fleet = await begin(world);
  const random = seededRandom(seed);

  for (let hour = 1; hour <= days * 24; hour += 1) {
    await restartSome(world, fleet, random);
    await time.pass(HOUR - MINUTE);
    audit.inspect(platform.agents.values());
    if (hour % 24 !== 0) continue;
    if (heapUsed) heapBytes.push(heapUsed() - heapBefore);
    onDay?.({
      day: hour / 24,
      counters: { ...counters },
      heapBytes: heapBytes.at(-1) ?? null,
      lockedOut: audit.lockedOut.size,
    });
  }
  const duringFaults = { ...counters };
  const outages = { ...faults.outages };
  const downMs = faults.downMs();

  // Workspaces without a token get one with the next rotation; then nothing fails any more.
  world.calm();
  await time.pass(ROTATION_MS);
  world.retire();
  const silentAtEnd = await settle(world, intervalMs);
  await fleet.stop();

  const rejectionsBefore = counters.rejections;
  const restarted = await begin(world);
  const silentAfterRestart = await settle(world, intervalMs);
  await restarted.stop();
  await log.end();
  return {
    options: { days, workspaces, intervalMs, seed, injectedFault },
    duringFaults,
    counters,
    outages,
    diskFaults: diskFaults.count,
    obstacles: careless.count,
    log: log.report(),
    downMs,
    silence: audit.silence(),
    lockedOut: [...audit.lockedOut],
    silentAtEnd,
    silentAfterRestart,
    rejectionsAfterRestart: counters.rejections - rejectionsBefore,
    tokensLost: audit.lost(),
    results: countResults(platform.agents.values(), world.resultsFile, counters),
    heapBytes,
  };
}

/** Lets all workspaces connect, and returns those that then miss their heartbeats. */
async function settle({ time, audit, platform }: World, intervalMs: number): Promise<string[]> {
  const agents = [...platform.agents.values()];
  await time.pass(MARGIN_MS);
  const since = time.monotonic();
  await time.pass(MINUTE + 2 * intervalMs);
  audit.inspect(agents);
  return audit.silentSince(agents, since);
}

interface RunningFleet extends Pick<Fleet, "apply"> {
  stop(): Promise<void>;
}

async function begin({ createRunner, list, time }: World): Promise<RunningFleet> {
  const { fleet, close } = createRunner();
  await fleet.apply(list);
  const stop = new AbortController();
  const done = fleet.run(stop.signal);
  return {
    apply: fleet.apply,
    async stop() {
      stop.abort();
      await time.pass(MINUTE);
      await done;
      await close();
    },
  };
}

async function restartSome(world: World, fleet: RunningFleet, random: () => number): Promise<void> {
  const { list, counters, time, faultInjector, resultsFile } = world;
  const first = Math.floor(between(random, 0, list.length));
  const out = new Set(list.slice(first, first + RESTARTS_AN_HOUR));
  counters.restarts += out.size;
  await fleet.apply(list.filter((workspace) => !out.has(workspace)));
  await time.pass(MINUTE);
  for (const { id } of out) faultInjector.onRestart(resultsFile(id));
  await fleet.apply(list);
}
