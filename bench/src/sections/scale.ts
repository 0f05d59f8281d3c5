import type { IdleAnswer, IdleTask } from "../children/idle.ts";
import { startChild } from "../children.ts";
import { scratchDirectory } from "../file-system.ts";
import { startPlatform } from "../platform.ts";
import type { Effort, Section } from "../results.ts";
import { atMost, floor as floorOf, ours as row, table } from "../tables.ts";
import { type Throughput, totalOf } from "../throughput.ts";

/** The largest fleet for one process; a short run has a fiftieth of it. */
const FULL = {
  workspaces: 100_000,
  intervalMs: 30_000,
  warmUpMs: 60_000,
  settleMs: 120_000,
  milliseconds: 60_000,
};
const SHORT = {
  workspaces: 2_000,
  intervalMs: 3_000,
  warmUpMs: 3_500,
  settleMs: 3_000,
  milliseconds: 6_000,
};

/** One process with very many workspaces over real connections; then the bare client with the same requests. */
export async function scale({ short }: Effort): Promise<Section> {
  const { milliseconds, ...load } = short ? SHORT : FULL;
  const platform = await startPlatform();
  const scratch = scratchDirectory();
  const run = async <T>(by: "ours" | "bare"): Promise<T> => {
    const child = await startChild("idle", ["--expose-gc"]);
    const { path: configsDir } = scratch;
    const { url } = platform;
    await child.ask<null>({
      ...load,
      phase: "start",
      by,
      url,
      configsDir,
      hasInbox: false,
    } satisfies IdleTask);
    const answer = await child.ask<T>({ phase: "measure", milliseconds } satisfies IdleTask);
    await child.stop();
    return answer;
  };
  try {
    const fleet = await run<IdleAnswer>("ours");
    const floor = await run<Throughput>("bare");
    const [ours, bare] = [coresOf(fleet), coresOf(floor)];
    const { p99, p999, longest } = fleet.schedulingLag;
    const memory = fleet.heapBytesPerWorkspace / 1024;
    const count = `${load.workspaces.toLocaleString("en-US")} workspaces at ${load.intervalMs / 1000} s`;
    const lags = [
      row("99 in 100 steps, at most", p99),
      row("999 in 1,000 steps, at most", p999),
      row("the longest", longest),
    ];
    const cores = [
      row("the runner's fleet", ours, ours / bare),
      floorOf("bare undici, the same requests at the same rate", bare),
    ];
    const heap = [row("heap and buffers, after a collection", memory)];
    return {
      id: "scale",
      title: "One process, very many workspaces",
      tables: [
        table("scale-lag", `${count}: scheduling lag`, "ms", lags),
        { ...table("scale-cpu", `${count}: processor cores`, "cores", cores), against: "bare" },
        table("scale-memory", `${count}: memory of each`, "KB", heap),
      ],
      targets: [
        atMost(`${count}: scheduling lag, 99th percentile`, p99, 50, "ms"),
        atMost(`${count}: scheduling lag, 99.9th percentile`, p999, 150, "ms"),
        atMost(`${count}: scheduling lag, the longest`, longest, 500, "ms"),
        atMost(`${count}: processor time beyond the bare client's`, ours - bare, 0.6, "cores"),
        ...(short ? [] : [atMost(`${count}: memory of a workspace`, memory, 4.5, "KB")]),
      ],
      remarks: [
        "First the fleet, then the bare client, each with a platform in a separate process. Each is measured for a minute, two minutes after every workspace has sent a request: by then V8 has collected the garbage of the start, which delays steps by up to a second.",
      ],
    };
  } finally {
    scratch.remove();
    await platform.stop();
  }
}

/** The number of busy processor cores, scaled to the same request rate. */
const coresOf = ({ cpuMicroseconds, requestsPerSecond, mix }: Throughput): number =>
  totalOf(mix) === 0 ? 0 : (cpuMicroseconds * requestsPerSecond) / 1e6;
