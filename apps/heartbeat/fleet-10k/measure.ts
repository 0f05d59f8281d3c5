import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { workspaceId } from "@x/emulator";
import { createArrivals } from "./arrivals.ts";
import { type Measured, startMeasured } from "./child.ts";
import { type Buckets, readHistogram, seriesOf, since } from "./histogram.ts";
import type { Usage } from "./probe.ts";

export interface MeasureOptions {
  readonly workspaces: number;
  readonly intervalSeconds: number;
  /** The least time from the start of the runner to the start of the measurement, which waits until all are registered. */
  readonly warmUpSeconds: number;
  readonly seconds: number;
  /** Where the runner keeps its tokens: an empty directory. */
  readonly directory: string;
  readonly onProgress: (what: string) => void;
}

/** The resources that one process used during the measurement. */
export interface Used extends Usage {
  /** User and system time, as a fraction of one core. */
  readonly cores: number;
}

export interface Measurement {
  readonly options: Pick<MeasureOptions, "workspaces" | "intervalSeconds" | "warmUpSeconds" | "seconds">;
  /** Measured by the runner: how late steps started. Bounds in seconds. */
  readonly warmUp: Buckets;
  readonly schedule: Buckets;
  /** Measured at the platform: how many milliseconds each heartbeat came later than that workspace's earliest. */
  readonly arrivalsMs: readonly number[];
  readonly registrations: number;
  readonly heartbeats: number;
  /** 401s of the platform, for any request. */
  readonly rejections: number;
  /** The runner's heartbeats that were not accepted, for any reason. */
  readonly failures: number;
  readonly warmUpStallMs: number;
  readonly runner: Used;
  readonly emulator: Used;
}

const EMULATOR = new URL("../../../emulator/bin/emulator.mjs", import.meta.url);
/** How long to wait for the registrations. */
const MOST_SECONDS = 600;
const HEARTBEAT = new URL("../../bin/heartbeat.mjs", import.meta.url);
/** Runs a runner and a platform in separate processes, undisturbed for a while. */
export async function measure(options: MeasureOptions): Promise<Measurement> {
  const { workspaces, intervalSeconds, warmUpSeconds, seconds, directory, onProgress } = options;
  const arrivals = createArrivals(intervalSeconds * 1000);
  const emulator = startMeasured(EMULATOR, ["--port", "0", "--rate-limit", "100000000"], arrivals.read);
  const [platformUrl] = await emulator.printed(/^http:\/\/127\.0\.0\.1:\d+/);
  const list = join(directory, "workspaces.json");
  const ids = Array.from({ length: workspaces }, (_, index) => ({ id: workspaceId(`agent-${index}`) }));
  writeFileSync(list, JSON.stringify(ids));
  const flags = ["--workspaces-file", list, "--platform-url", platformUrl, "--configs-dir", directory];
  const statusPort = await freePort();
  const served = ["--interval", String(intervalSeconds), "--status-port", String(statusPort), "--quiet"];
  const runner = startMeasured(HEARTBEAT, ["run", ...flags, ...served], console.error);
  const metrics = () => metricsAt(`http://127.0.0.1:${statusPort}/metrics`);

  const startedAt = performance.now();
  const elapsedSeconds = () => Math.round((performance.now() - startedAt) / 1000);
  const registered = () => arrivals.counts().registrations;
  while (elapsedSeconds() < warmUpSeconds || (registered() < workspaces && elapsedSeconds() < MOST_SECONDS)) {
    onProgress(`${registered()} of ${workspaces} workspaces are registered after ${elapsedSeconds()} s`);
    await sleep(5_000);
  }
  // Their first heartbeats come at once, and the next ones at their times in the interval.
  if (elapsedSeconds() > warmUpSeconds) await sleep(intervalSeconds * 1000);
  const before = await metrics();
  const stopwatches = [await startStopwatch(runner), await startStopwatch(emulator)] as const;
  arrivals.begin();
  onProgress(`${registered()} are registered; measuring for ${seconds} s`);
  await sleep(seconds * 1000);
  const arrivalsMs = arrivals.lags();
  const { registrations, heartbeats, rejections } = arrivals.counts();
  const after = await metrics();
  const measurement: Measurement = {
    options: { workspaces, intervalSeconds, warmUpSeconds, seconds },
    warmUp: before.schedulingLag,
    schedule: since(before.schedulingLag, after.schedulingLag),
    arrivalsMs,
    registrations,
    heartbeats,
    rejections,
    failures: after.failures,
    warmUpStallMs: stopwatches[0].before.longestStallMs,
    runner: await stopwatches[0].stop(),
    emulator: await stopwatches[1].stop(),
  };
  await runner.end();
  await emulator.end();
  return measurement;
}

async function metricsAt(url: string) {
  const page = await (await fetch(url)).text();
  const failed = seriesOf(page, "heartbeat_heartbeats_total").filter(
    ({ labels }) => labels.outcome !== "accepted",
  );
  return {
    schedulingLag: readHistogram(page, "heartbeat_scheduling_lag_seconds"),
    failures: failed.reduce((sum, { value }) => sum + value, 0),
  };
}

async function startStopwatch(process: Measured) {
  const before = await process.ask("usage");
  const startedAt = performance.now();
  return {
    before,
    async stop(): Promise<Used> {
      const after = await process.ask("usage");
      const elapsed = performance.now() - startedAt;
      const { heapBytes } = await process.ask("usage-after-gc");
      const cpu = after.cpuUserMs + after.cpuSystemMs - before.cpuUserMs - before.cpuSystemMs;
      return { ...after, heapBytes, cores: cpu / elapsed };
    },
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
