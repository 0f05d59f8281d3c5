import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { contracts } from "../contract.ts";
import { createEventHub } from "../events.ts";
import { createFaults } from "../faults.ts";
import type { RecordedRequest } from "../recorded-request.ts";
import { createRedaction } from "../redact.ts";
import { PlatformState } from "../state.ts";
import { Feed } from "./feed.ts";
import type { FeedMessage } from "./messages.ts";

const noHeartbeat = {
  errorRate: 0,
  sampleError: "",
  activeTasks: 0,
  uptimeSeconds: 0,
  currentTask: "",
  monthlySpend: 0,
  runtimeState: "",
  runtimeMetadata: null,
};

const external = {
  role: null,
  tier: 3,
  runtime: "external",
  parentId: null,
  deliveryMode: "poll",
  url: "",
  status: "awaiting_agent",
} as const;

function setUp() {
  const clock = { now: () => Date.now() };
  const contract = contracts.v2;
  const { emit, subscribe } = createEventHub(clock.now);
  const { redact, hide } = createRedaction((hash) => state.tokens.knows(hash));
  const state = new PlatformState({ clock, contract, emit, onIssued: hide });
  const feed = new Feed({ clock, contract, state, faults: createFaults(emit), redact });
  subscribe((event) => feed.record(event));
  const register = (count: number) => {
    for (let n = 0; n < count; n++)
      state.register(`w-${n}`, { url: "http://a.test", agentCard: { name: "W" } });
  };
  const heartbeat = (id: string, more: Partial<typeof noHeartbeat> = {}) =>
    state.heartbeat(id, { ...noHeartbeat, ...more });
  return { state, feed, register, heartbeat };
}

function watcher(isReady = () => true) {
  const received: FeedMessage[] = [];
  return { received, ready: isReady, send: (message: FeedMessage) => void received.push(message) };
}

/** A heartbeat with this outcome. */
const heartbeatOf = (workspaceId: string, status: number | null, more: Partial<RecordedRequest> = {}) => ({
  at: 0,
  method: "POST",
  path: "/registry/heartbeat",
  headers: {},
  body: undefined,
  workspaceId,
  status,
  outcome: status === null ? ("reset" as const) : ("answered" as const),
  latencyMs: 1,
  answer: undefined,
  ...more,
});

const ids = (message: FeedMessage | undefined) => message?.cards.map(({ id }) => id);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("the feed", () => {
  it("starts with the full state, and continues with changes", () => {
    const { feed, register, heartbeat } = setUp();
    register(2);
    const { received, ...subscriber } = watcher();
    feed.watch(subscriber);
    expect(received).toMatchObject([
      { reset: true, platform: { contract: "v2", outage: null, workspaces: 2 } },
    ]);
    expect(ids(received[0])).toEqual(["w-0", "w-1"]);
    expect(received[0]?.events).toHaveLength(4);
    heartbeat("w-1", { currentTask: "sorting" });
    vi.advanceTimersByTime(200);
    expect(received[1]).toMatchObject({
      reset: false,
      events: [],
      cards: [{ id: "w-1", currentTask: "sorting" }],
    });
  });

  it("batches the events between two turns into one message", () => {
    const { feed, register, heartbeat } = setUp();
    register(100);
    const { received, ...subscriber } = watcher();
    feed.watch(subscriber);
    received.length = 0;
    for (let n = 0; n < 1_000; n++) heartbeat(`w-${n % 100}`);
    expect(received).toEqual([]);
    vi.advanceTimersByTime(200);
    expect(received).toHaveLength(1);
    expect(received[0]?.cards).toHaveLength(100);
    expect(received[0]?.cards[0]).toMatchObject({ heartbeats: 10 });
  });

  it("sends a large fleet in parts, and only the number of excess events", () => {
    const { feed, register } = setUp();
    register(4_500);
    const { received, ...subscriber } = watcher();
    feed.watch(subscriber);
    vi.advanceTimersByTime(1_000);
    expect(received.slice(0, 3).map(({ cards }) => cards.length)).toEqual([2_000, 2_000, 500]);
    expect(new Set(received.flatMap((message) => ids(message)))).toHaveProperty("size", 4_500);
    expect([received[0]?.events.length, received[0]?.skipped]).toEqual([1_000, 8_000]);
  });

  it("leaves out no event of a fleet that fails at once", () => {
    const { feed, register } = setUp();
    register(1_000);
    const { received, ...subscriber } = watcher();
    feed.watch(subscriber);
    for (let n = 0; n < 1_000; n++) feed.ended(heartbeatOf(`w-${n}`, 503));
    received.length = 0;
    vi.advanceTimersByTime(200);
    expect(received.map(({ events, skipped }) => [events.length, skipped])).toEqual([[1_000, 0]]);
  });

  it("waits for a slow watcher, and then sends it the present state only", () => {
    const { feed, register, heartbeat } = setUp();
    register(1);
    let isReady = true;
    const { received, ...subscriber } = watcher(() => isReady);
    feed.watch(subscriber);
    isReady = false;
    for (let n = 0; n < 50; n++) {
      heartbeat("w-0", { activeTasks: n });
      vi.advanceTimersByTime(200);
    }
    expect(received).toHaveLength(1);
    isReady = true;
    vi.advanceTimersByTime(200);
    expect(received.slice(1)).toMatchObject([{ cards: [{ id: "w-0", heartbeats: 50, activeTasks: 49 }] }]);
  });

  it("detects silent workspaces", () => {
    const { feed, state, heartbeat } = setUp();
    state.create("w-0", { ...external, name: "W" });
    heartbeat("w-0");
    const { received, ...subscriber } = watcher();
    feed.watch(subscriber);
    vi.advanceTimersByTime(contracts.v2.livenessMs + 1_000);
    expect(received.flatMap(({ cards }) => cards.map(({ status }) => status))).toEqual([
      "online",
      "awaiting_agent",
    ]);
    expect(received.flatMap(({ events }) => events).at(-1)).toMatchObject({
      tone: "bad",
      text: "silent: awaiting its agent, was online",
    });
  });

  it("is idle without watchers", () => {
    const { feed, register } = setUp();
    register(1);
    expect(vi.getTimerCount()).toBe(0);
    const stops = [feed.watch(watcher()), feed.watch(watcher())];
    expect(vi.getTimerCount()).toBe(1);
    for (const stop of stops) stop();
    expect(vi.getTimerCount()).toBe(0);
  });

  it("reports consecutive 401s, and the recovery", () => {
    const { feed, register } = setUp();
    register(1);
    feed.ended(heartbeatOf("w-0", 401));
    feed.ended(heartbeatOf("w-0", 503));
    feed.ended(heartbeatOf("w-0", 401));
    const { received, ...subscriber } = watcher();
    feed.watch(subscriber);
    expect(received[0]?.cards).toMatchObject([
      { rejections: 2, recovery: null, failures: 3, requests: 3, failing: { status: 401, times: 3 } },
    ]);
    feed.ended(heartbeatOf("w-0", 200, { latencyMs: 4 }));
    vi.advanceTimersByTime(200);
    expect(received[1]).toMatchObject({
      cards: [
        {
          rejections: 0,
          recovery: { at: Date.now() - 200, rejections: 2 },
          latencyMs: 4,
          failures: 3,
          requests: 4,
          failing: null,
        },
      ],
      events: [{ tone: "good", workspaceId: "w-0", text: "recovered after 2 × 401" }],
      history: { buckets: [[expect.any(Number), 1, 3]] },
    });
  });

  it("shows the attempts during an outage with their outcomes", () => {
    const { feed, register } = setUp();
    register(1);
    const { received, ...subscriber } = watcher();
    feed.watch(subscriber);
    feed.hanging(heartbeatOf("w-0", null, { outcome: "waiting", latencyMs: null }));
    feed.ended(heartbeatOf("w-0", null), "refuse");
    feed.ended(heartbeatOf("w-0", null, { outcome: "lost" }), "lose-response");
    feed.ended(heartbeatOf("w-0", 503), "status");
    feed.ended({ ...heartbeatOf("w-0", null), workspaceId: null, path: "/registry/register" }, "refuse");
    vi.advanceTimersByTime(200);
    expect(received[1]?.events.map(({ tone, workspaceId, text }) => [tone, workspaceId, text])).toEqual([
      ["bad", "w-0", "heartbeat: no answer yet"],
      ["bad", "w-0", "heartbeat: the connection was cut"],
      ["bad", "w-0", "heartbeat: processed, but the connection was cut before the answer"],
      ["bad", "w-0", "heartbeat: answered 503"],
      ["bad", null, "register: the connection was cut"],
    ]);
    expect(received[1]?.cards).toMatchObject([{ failures: 3, failing: { outcome: "answered", times: 3 } }]);
    expect(received[1]?.history.buckets.at(-1)?.[2]).toBe(4);
    expect(feed.requestsOf("w-0")).toHaveLength(4);
  });

  it("counts failures among the last 30 requests of each workspace, ignoring unknown ids", () => {
    const { feed, register } = setUp();
    register(1);
    for (let n = 0; n < 100; n++) feed.ended(heartbeatOf("w-0", n < 80 ? 500 : 200));
    feed.ended(heartbeatOf("stranger", 401));
    const { received, ...subscriber } = watcher();
    feed.watch(subscriber);
    expect(received[0]?.cards).toMatchObject([{ failures: 10, requests: 30, failing: null }]);
    expect(feed.requestsOf("stranger")).toEqual([]);
  });

  it("names the evicted workspaces", () => {
    const { feed, register } = setUp();
    register(10_000);
    const { received, ...subscriber } = watcher();
    feed.watch(subscriber);
    for (let n = 0; n < 10; n++) vi.advanceTimersByTime(200);
    received.length = 0;
    register(10_001);
    vi.advanceTimersByTime(200);
    expect(received[0]?.gone).toEqual(["w-0"]);
    expect(received[0]?.platform.workspaces).toBe(10_000);
    expect(received[0]?.events.map(({ text }) => text)).toContain(
      "dropped: only the newest 10000 workspaces are kept",
    );
  });

  it("starts over after a platform reset", () => {
    const { feed, register, state } = setUp();
    register(2);
    const { received, ...subscriber } = watcher();
    feed.watch(subscriber);
    state.reset();
    register(1);
    vi.advanceTimersByTime(200);
    expect(received[1]).toMatchObject({
      reset: true,
      cards: [{ id: "w-0", requests: 0 }],
      history: { buckets: [] },
    });
  });

  it("incident 30: shows no token, not even part of a truncated one", () => {
    const { feed, state, heartbeat } = setUp();
    const { token } = state.register("w", { url: "http://a.test", agentCard: { name: "" } });
    if (token === null) throw new Error("no token was issued");
    state.updateCard("w", { name: `${"x".repeat(220)} ${token}` });
    heartbeat("w", {
      currentTask: `uses ${token}`,
      sampleError: `${"y".repeat(225)} ${token}`,
      errorRate: 1,
    });
    const { received, ...subscriber } = watcher();
    feed.watch(subscriber);
    expect(received[0]?.cards[0]?.currentTask).toBe("uses [redacted]");
    const shown = JSON.stringify(received);
    expect(shown.includes(token.slice(0, 9))).toBe(false);
    expect(shown).toContain(`"tokenPrefix":"${token.slice(0, 8)}"`);
  });
});
