import { createServer } from "node:http";
import { describe, expect, it } from "vitest";
import { failure } from "../../test/failures.ts";
import { listen } from "../../test/support/servers.ts";
import { agents, openTestStatus, workspaceStatus } from "../../test/views.ts";
import { virtualClock } from "../../test/virtual-clock.ts";
import type { WorkspaceEvent } from "../workspace/events.ts";
import type { Status } from "./status.ts";

/** Samples of `/metrics` as `name{labels}` → value. */
async function samples({ url }: Status): Promise<Record<string, number>> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Object.fromEntries(
    [...text.matchAll(/^([^# ]+) (\S+)$/gm)].map(([, name, value]) => [name, Number(value)]),
  );
}

const failed = (
  action: "heartbeat" | "register",
  kind: "unauthorized" | "routing_error",
): WorkspaceEvent => ({
  type: "failed",
  action,
  failure: failure({ kind, status: 401 }),
  count: 1,
  next: "heartbeat",
  wait: "interval",
});

describe("the status over HTTP", () => {
  it("answers /health with the counts, and 200 while heartbeats are accepted, else 503", async () => {
    const clock = virtualClock();
    const status = await openTestStatus(agents(3), { clock });
    const well = await fetch(`${status.url}/health`);
    expect(well.status).toBe(200);
    expect(well.headers.get("content-type")).toMatch(/^application\/json/);
    expect(await well.json()).toMatchObject({ status: "ok", workspaces: { total: 3, alive: 3 } });
    await clock.advance(60_001);
    const failing = await fetch(`${status.url}/health`);
    expect(failing.status).toBe(503);
    expect(await failing.json()).toMatchObject({ status: "failing", workspaces: { total: 3 } });
  });

  it("answers /live with 200 even during an outage, which no restart would fix", async () => {
    const clock = virtualClock();
    const status = await openTestStatus(agents(3), { clock });
    await clock.advance(3_600_000);
    expect((await fetch(`${status.url}/live`)).status).toBe(200);
  });

  it("counts heartbeats and registrations by outcome, and recoveries, starting at 0", async () => {
    const status = await openTestStatus(agents(3));
    expect(await samples(status)).toMatchObject({
      'heartbeat_heartbeats_total{outcome="accepted"}': 0,
      'heartbeat_heartbeats_total{outcome="unavailable"}': 0,
      heartbeat_token_recoveries_total: 0,
    });
    const events: WorkspaceEvent[] = [
      { type: "registered" },
      { type: "heartbeat", latencyMs: 40 },
      { type: "heartbeat", latencyMs: 400 },
      { type: "token-recovered", source: "the file" },
      failed("heartbeat", "unauthorized"),
      failed("register", "routing_error"),
    ];
    events.forEach(status.observe);
    status.observeSchedulingLag(120);
    expect(await samples(status)).toMatchObject({
      'heartbeat_heartbeats_total{outcome="accepted"}': 2,
      'heartbeat_heartbeats_total{outcome="unauthorized"}': 1,
      'heartbeat_registrations_total{outcome="accepted"}': 1,
      'heartbeat_registrations_total{outcome="routing_error"}': 1,
      heartbeat_token_recoveries_total: 1,
      'heartbeat_latency_seconds_bucket{le="0.05"}': 1,
      'heartbeat_latency_seconds_bucket{le="0.5"}': 2,
      heartbeat_latency_seconds_count: 2,
      'heartbeat_scheduling_lag_seconds_bucket{le="0.1"}': 0,
      'heartbeat_scheduling_lag_seconds_bucket{le="0.25"}': 1,
    });
  });

  it("reports gauges for workspaces by state and for unsaved tokens", async () => {
    const workspaces = [
      ...agents(2),
      workspaceStatus("b", { state: { phase: "recovering" }, unsaved: true }),
      workspaceStatus("c", { platformStatus: "removed" }),
    ];
    const status = await openTestStatus(workspaces);
    expect(await samples(status)).toMatchObject({
      'heartbeat_workspaces{state="alive"}': 2,
      'heartbeat_workspaces{state="recovering"}': 1,
      'heartbeat_workspaces{state="registering"}': 0,
      'heartbeat_workspaces{state="removed"}': 1,
      heartbeat_tokens_unsaved: 1,
    });
  });

  it("has as many series for ten thousand workspaces as for three, none with a workspace's name", async () => {
    const few = await samples(await openTestStatus(agents(3)));
    const status = await openTestStatus(agents(10_000));
    const many = await samples(status);
    const ours = (all: object) => Object.keys(all).filter((name) => name.startsWith("heartbeat_"));
    expect(ours(many)).toEqual(ours(few));
    expect(Object.keys(many).join()).not.toContain("agent-");
  });

  it("keeps the counts of two servers in one process separate", async () => {
    const [one, other] = [await openTestStatus(agents(3)), await openTestStatus(agents(3))];
    one.observe({ type: "token-recovered", source: "the file" });
    expect((await samples(one)).heartbeat_token_recoveries_total).toBe(1);
    expect((await samples(other)).heartbeat_token_recoveries_total).toBe(0);
  });

  it("answers only GET and HEAD, and only its own paths", async () => {
    const { url } = await openTestStatus(agents(3));
    const head = await fetch(`${url}/metrics`, { method: "HEAD" });
    expect([head.status, await head.text()]).toEqual([200, ""]);
    expect(Number(head.headers.get("content-length"))).toBeGreaterThan(1_000);
    const post = await fetch(`${url}/health`, { method: "POST", body: "x" });
    expect([post.status, post.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
    for (const path of ["/", "/healthz", "/constructor", "/metrics/", "//health"])
      expect((await fetch(`${url}${path}`)).status).toBe(404);
    expect((await fetch(`${url}/health?verbose`)).status).toBe(200);
  });

  it("reports which port is taken and what to do about it", async () => {
    const port = await listen(createServer());
    await expect(openTestStatus([], { port })).rejects.toThrow(
      `port ${port} on 127.0.0.1 is taken; give another with --status-port`,
    );
    await expect(openTestStatus([], { host: "192.0.2.1" })).rejects.toThrow(/--status-host/);
  });

  it("releases its port when it closes, even while a client holds a connection", async () => {
    const status = await openTestStatus(agents(3));
    await fetch(`${status.url}/live`);
    await status.close();
    await expect(fetch(`${status.url}/live`)).rejects.toThrow();
  });
});
