import { describe, expect, it } from "vitest";
import { parseExposition } from "../../test/exposition.ts";
import { agents, lowLimit, sharingRunner } from "../../test/views.ts";
import { virtualClock } from "../../test/virtual-clock.ts";
import { version } from "../version.ts";
import { createMetrics } from "./metrics.ts";
import { ReloadState } from "./reload-state.ts";

const RUNNER = 'a "runner"\\with\nall';

const clock = virtualClock();

async function families(reloads = new ReloadState(clock)) {
  const metrics = createMetrics({
    workspaces: () => agents(3),
    reloads,
    droppedLogLines: () => 7,
    paces: () => [lowLimit],
    cluster: sharingRunner(RUNNER),
  });
  metrics.observe({ type: "heartbeat", latencyMs: 12 });
  metrics.observe({ type: "heartbeat", latencyMs: 99_000 });
  metrics.observeSchedulingLag(3);
  return parseExposition(await metrics.text());
}

describe("the metrics", () => {
  it("follow Prometheus's text format exactly, with the runner's name in every series", async () => {
    for (const { samples } of await families()) {
      for (const { labels } of samples) expect(labels.runner).toBe(RUNNER);
    }
  });

  it("follow Prometheus's naming rules: base units, and _total for counters only", async () => {
    for (const { name, type, help } of await families()) {
      expect(name).toMatch(/^(heartbeat|process|nodejs)_[a-z0-9_]+$/);
      expect(name).not.toMatch(/_(milliseconds|ms|minutes|kilobytes|megabytes|percent)$/);
      expect(name.endsWith("_total"), name).toBe(type === "counter");
      if (name.startsWith("heartbeat_")) {
        if (type === "histogram") expect(name).toMatch(/_seconds$/);
        expect(help, name).toMatch(/\.$/);
      }
    }
  });

  it("they report version and resource usage under the usual names", async () => {
    const all = await families();
    const sampleOf = (name: string) => all.find((family) => family.name === name)?.samples[0];
    expect(sampleOf("heartbeat_build_info")).toMatchObject({
      labels: { version, node: process.versions.node },
      value: 1,
    });
    expect(sampleOf("process_resident_memory_bytes")?.value).toBeGreaterThan(1e7);
    expect(sampleOf("process_cpu_seconds_total")?.value).toBeGreaterThan(0);
    const startedAt = sampleOf("process_start_time_seconds")?.value ?? 0;
    expect(startedAt).toBeGreaterThan(Date.now() / 1_000 - 3_600);
    expect(startedAt).toBeLessThanOrEqual(Date.now() / 1_000);
    expect(all.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["nodejs_eventloop_lag_seconds", "nodejs_eventloop_lag_p99_seconds"]),
    );
    if (process.platform === "linux") expect(sampleOf("process_open_fds")?.value).toBeGreaterThan(2);
  });

  it("they report whether the files' configuration is in effect, and since when", async () => {
    const reloads = new ReloadState(clock);
    const read = async () => {
      const all = await families(reloads);
      return ["successful", "success_timestamp_seconds"].map(
        (name) =>
          all.find((family) => family.name === `heartbeat_config_last_reload_${name}`)?.samples[0]?.value,
      );
    };
    const began = clock.wall() / 1_000;
    expect(await read()).toEqual([1, began]);
    await clock.advance(5_000);
    reloads.observe(false);
    expect(await read()).toEqual([0, began]);
    reloads.observe(true);
    expect(await read()).toEqual([1, began + 5]);
  });
});

describe("the parser of these tests", () => {
  it.each([
    ["# HELP a A.\n# TYPE a gauge\na 1", /no end/],
    ["a 1\n", /without TYPE/],
    ["# TYPE a gauge\na 1\n", /does not follow/],
    ["# HELP a A.\n# TYPE a gauge\nb 1\n", /not a sample of a/],
    ["# HELP a A.\n# TYPE a gauge\na one\n", /not a number/],
    ['# HELP a A.\n# TYPE a gauge\na{b="1} 1\n', /not a sample/],
    ["# HELP a A.\n# TYPE a gauge\na 1\na 2\n", /twice/],
    ["# HELP a A.\n# TYPE a gauge\na 1\n# HELP a A.\n# TYPE a gauge\n", /twice/],
    ["# HELP a A.\n# TYPE a number\na 1\n", /unknown type/],
    [
      '# HELP a A.\n# TYPE a histogram\na_bucket{le="1"} 2\na_bucket{le="+Inf"} 1\na_sum 1\na_count 1\n',
      /not in order/,
    ],
    ['# HELP a A.\n# TYPE a histogram\na_bucket{le="+Inf"} 1\na_sum 1\na_count 2\n', /not the count/],
  ])("rejects %j", (text, why) => {
    expect(() => parseExposition(text)).toThrow(why);
  });
});
