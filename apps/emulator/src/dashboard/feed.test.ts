import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { contracts } from "../contract.ts";
import { createEventHub } from "../events.ts";
import { createFaults } from "../faults.ts";
import { createRedactor } from "../redact.ts";
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

function setUp() {
  const clock = { now: () => Date.now() };
  const contract = contracts.v2;
  const { emit, subscribe } = createEventHub(clock.now);
  const state = new PlatformState({ clock, contract, emit });
  const redact = createRedactor((hash) => state.tokens.knows(hash));
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

const ids = (message: FeedMessage | undefined) => message?.cards.map(({ id }) => id);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("the feed", () => {
  it("begins with everything, and goes on with what changed", () => {
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

  it("gathers what happens between two turns into one message", () => {
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

  it("sends a large fleet in parts, and only the number of events that waited too long", () => {
    const { feed, register } = setUp();
    register(4_500);
    const { received, ...subscriber } = watcher();
    feed.watch(subscriber);
    vi.advanceTimersByTime(1_000);
    expect(received.slice(0, 3).map(({ cards }) => cards.length)).toEqual([2_000, 2_000, 500]);
    expect(new Set(received.flatMap((message) => ids(message)))).toHaveProperty("size", 4_500);
    expect([received[0]?.events.length, received[0]?.skipped]).toEqual([100, 8_900]);
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

  it("finds who has gone silent", () => {
    const { feed, register } = setUp();
    register(1);
    const { received, ...subscriber } = watcher();
    feed.watch(subscriber);
    vi.advanceTimersByTime(contracts.v2.livenessMs + 1_000);
    expect(received.flatMap(({ cards }) => cards.map(({ status }) => status))).toEqual(["online", "offline"]);
    expect(received.flatMap(({ events }) => events).at(-1)).toMatchObject({
      tone: "bad",
      text: "offline, was online",
    });
  });

  it("does nothing while there is no watcher", () => {
    const { feed, register } = setUp();
    register(1);
    expect(vi.getTimerCount()).toBe(0);
    const stops = [feed.watch(watcher()), feed.watch(watcher())];
    expect(vi.getTimerCount()).toBe(1);
    for (const stop of stops) stop();
    expect(vi.getTimerCount()).toBe(0);
  });

  it("reports 401s in a row, and the recovery", () => {
    const { feed, register } = setUp();
    register(1);
    feed.answered("w-0", 401, 1.23);
    feed.answered("w-0", 503, 2);
    feed.answered("w-0", 401, 3);
    const { received, ...subscriber } = watcher();
    feed.watch(subscriber);
    expect(received[0]?.cards).toMatchObject([
      {
        rejections: 2,
        recovery: null,
        samples: [
          [1.2, 401],
          [2, 503],
          [3, 401],
        ],
      },
    ]);
    feed.answered("w-0", 200, 4);
    vi.advanceTimersByTime(200);
    expect(received[1]).toMatchObject({
      cards: [{ rejections: 0, recovery: { at: Date.now() - 200, rejections: 2 } }],
      events: [{ tone: "good", workspaceId: "w-0", text: "recovered after 2 × 401" }],
    });
  });

  it("keeps 30 latencies of each workspace, and none of strangers", () => {
    const { feed, register } = setUp();
    register(1);
    for (let n = 0; n < 100; n++) feed.answered("w-0", 200, n);
    feed.answered("stranger", 401, 1);
    const { received, ...subscriber } = watcher();
    feed.watch(subscriber);
    expect(received[0]?.cards).toHaveLength(1);
    expect(received[0]?.cards[0]?.samples).toHaveLength(30);
    expect(received[0]?.cards[0]?.samples.at(-1)).toEqual([99, 200]);
  });

  it("says which workspaces had to make room for others", () => {
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

  it("starts over when the platform was reset", () => {
    const { feed, register, state } = setUp();
    register(2);
    const { received, ...subscriber } = watcher();
    feed.watch(subscriber);
    state.reset();
    register(1);
    vi.advanceTimersByTime(200);
    expect(received[1]).toMatchObject({ reset: true, cards: [{ id: "w-0", samples: [] }] });
  });

  it("incident 30: shows no token, not even a part of one that had to be cut", () => {
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
