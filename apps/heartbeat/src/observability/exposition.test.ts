import { describe, expect, it } from "vitest";
import { readMetrics } from "../../test/support/metrics.ts";
import { agents, lowLimit, sharingRunner } from "../../test/views.ts";
import { virtualClock } from "../../test/virtual-clock.ts";
import { version } from "../version.ts";
import { createMetrics } from "./metrics.ts";
import { ReloadState } from "./reload-state.ts";

const RUNNER = 'a "runner"\\with\nall';

const clock = virtualClock();

async function served(reloads = new ReloadState(clock)) {
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
  return readMetrics(await metrics.text());
}

describe("the metrics", () => {
  it("have the runner's name in every series", async () => {
    const { samples } = await served();
    expect(samples.length).toBeGreaterThan(50);
    for (const { labels } of samples) expect(labels.runner).toBe(RUNNER);
  });

  it("follow Prometheus's naming rules: base units, and _total for counters only", async () => {
    for (const { name, type, help } of (await served()).families) {
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
    const { families, samples } = await served();
    const sampleOf = (name: string) => samples.find((sample) => sample.name === name);
    expect(sampleOf("heartbeat_build_info")).toMatchObject({
      labels: { version, node: process.versions.node },
      value: 1,
    });
    expect(sampleOf("process_resident_memory_bytes")?.value).toBeGreaterThan(1e7);
    expect(sampleOf("process_cpu_seconds_total")?.value).toBeGreaterThan(0);
    const startedAt = sampleOf("process_start_time_seconds")?.value ?? 0;
    expect(startedAt).toBeGreaterThan(Date.now() / 1_000 - 3_600);
    expect(startedAt).toBeLessThanOrEqual(Date.now() / 1_000);
    expect(families.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["nodejs_eventloop_lag_seconds", "nodejs_eventloop_lag_p99_seconds"]),
    );
    if (process.platform === "linux") expect(sampleOf("process_open_fds")?.value).toBeGreaterThan(2);
  });

  it("they report whether the files' configuration is in effect, and since when", async () => {
    const reloads = new ReloadState(clock);
    const read = async () => {
      const { samples } = await served(reloads);
      return ["successful", "success_timestamp_seconds"].map(
        (name) => samples.find((sample) => sample.name === `heartbeat_config_last_reload_${name}`)?.value,
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
