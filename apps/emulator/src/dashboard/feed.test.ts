import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { contracts } from "../contract.ts";
import { createEventHub } from "../events.ts";
import { createFaults } from "../faults.ts";
import { createRedactor } from "../redact.ts";
import { PlatformState } from "../state.ts";
import { Feed } from "./feed.ts";
import type { FeedMessage } from "./messages.ts";

const noBeat = {
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
  const tokenFiles = new Map<string, string>();
  const feed = new Feed({ clock, contract, state, faults: createFaults(emit), redact, tokenFiles });
  subscribe((event) => feed.heard(event));
  const register = (count: number) => {
    for (let n = 0; n < count; n++)
      state.register(`w-${n}`, { url: "http://a.test", agentCard: { name: "W" } });
  };
  const beat = (id: string, more: Partial<typeof noBeat> = {}) => state.beat(id, { ...noBeat, ...more });
  return { state, feed, register, beat, tokenFiles };
}

function watcher(isReady = () => true) {
  const heard: FeedMessage[] = [];
  return { heard, ready: isReady, send: (message: FeedMessage) => void heard.push(message) };
}

const ids = (message: FeedMessage | undefined) => message?.cards.map(({ id }) => id);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("the feed", () => {
  it("begins with everything, and goes on with what changed", () => {
    const { feed, register, beat } = setUp();
    register(2);
    const { heard, ...seat } = watcher();
    feed.watch(seat);
    expect(heard).toMatchObject([{ reset: true, platform: { contract: "v2", outage: null, workspaces: 2 } }]);
    expect(ids(heard[0])).toEqual(["w-0", "w-1"]);
    expect(heard[0]?.events).toHaveLength(4);
    beat("w-1", { currentTask: "sorting" });
    vi.advanceTimersByTime(200);
    expect(heard[1]).toMatchObject({
      reset: false,
      events: [],
      cards: [{ id: "w-1", currentTask: "sorting" }],
    });
  });

  it("gathers what happens between two turns into one message", () => {
    const { feed, register, beat } = setUp();
    register(100);
    const { heard, ...seat } = watcher();
    feed.watch(seat);
    heard.length = 0;
    for (let n = 0; n < 1_000; n++) beat(`w-${n % 100}`);
    expect(heard).toEqual([]);
    vi.advanceTimersByTime(200);
    expect(heard).toHaveLength(1);
    expect(heard[0]?.cards).toHaveLength(100);
    expect(heard[0]?.cards[0]).toMatchObject({ beats: 10 });
  });

  it("sends a large fleet in parts, and what waits too long to be told only by number", () => {
    const { feed, register } = setUp();
    register(4_500);
    const { heard, ...seat } = watcher();
    feed.watch(seat);
    vi.advanceTimersByTime(1_000);
    expect(heard.slice(0, 3).map(({ cards }) => cards.length)).toEqual([2_000, 2_000, 500]);
    expect(new Set(heard.flatMap((message) => ids(message)))).toHaveProperty("size", 4_500);
    expect([heard[0]?.events.length, heard[0]?.skipped]).toEqual([100, 8_900]);
  });

  it("waits for a watcher that is slow, and then tells it what is, not what was", () => {
    const { feed, register, beat } = setUp();
    register(1);
    let isReady = true;
    const { heard, ...seat } = watcher(() => isReady);
    feed.watch(seat);
    isReady = false;
    for (let n = 0; n < 50; n++) {
      beat("w-0", { activeTasks: n });
      vi.advanceTimersByTime(200);
    }
    expect(heard).toHaveLength(1);
    isReady = true;
    vi.advanceTimersByTime(200);
    expect(heard.slice(1)).toMatchObject([{ cards: [{ id: "w-0", beats: 50, activeTasks: 49 }] }]);
  });

  it("finds who has gone silent", () => {
    const { feed, register } = setUp();
    register(1);
    const { heard, ...seat } = watcher();
    feed.watch(seat);
    vi.advanceTimersByTime(contracts.v2.livenessMs + 1_000);
    expect(heard.flatMap(({ cards }) => cards.map(({ status }) => status))).toEqual(["online", "offline"]);
    expect(heard.flatMap(({ events }) => events).at(-1)).toMatchObject({
      tone: "bad",
      text: "offline, was online",
    });
  });

  it("does nothing while nobody watches", () => {
    const { feed, register } = setUp();
    register(1);
    expect(vi.getTimerCount()).toBe(0);
    const stops = [feed.watch(watcher()), feed.watch(watcher())];
    expect(vi.getTimerCount()).toBe(1);
    for (const stop of stops) stop();
    expect(vi.getTimerCount()).toBe(0);
  });

  it("tells of 401s in a row, and of the recovery", () => {
    const { feed, register } = setUp();
    register(1);
    feed.answered("w-0", 401, 1.23);
    feed.answered("w-0", 503, 2);
    feed.answered("w-0", 401, 3);
    const { heard, ...seat } = watcher();
    feed.watch(seat);
    expect(heard[0]?.cards).toMatchObject([
      {
        refusals: 2,
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
    expect(heard[1]).toMatchObject({
      cards: [{ refusals: 0, recovery: { at: Date.now() - 200, refusals: 2 } }],
      events: [{ tone: "good", workspaceId: "w-0", text: "recovered after 2 × 401" }],
    });
  });

  it("keeps 30 latencies of each workspace, and none of strangers", () => {
    const { feed, register } = setUp();
    register(1);
    for (let n = 0; n < 100; n++) feed.answered("w-0", 200, n);
    feed.answered("stranger", 401, 1);
    const { heard, ...seat } = watcher();
    feed.watch(seat);
    expect(heard[0]?.cards).toHaveLength(1);
    expect(heard[0]?.cards[0]?.samples).toHaveLength(30);
    expect(heard[0]?.cards[0]?.samples.at(-1)).toEqual([99, 200]);
  });

  it("starts over when the platform was reset", () => {
    const { feed, register, state, tokenFiles } = setUp();
    register(2);
    const { heard, ...seat } = watcher();
    feed.watch(seat);
    state.reset();
    tokenFiles.set("w-0", "/configs/.auth_token");
    register(1);
    vi.advanceTimersByTime(200);
    expect(heard[1]).toMatchObject({ reset: true, cards: [{ id: "w-0", samples: [], knowsFile: true }] });
  });

  it("incident 30: shows no token, not even a part of one that had to be cut", () => {
    const { feed, state, beat } = setUp();
    const { token } = state.register("w", { url: "http://a.test", agentCard: { name: "" } });
    if (token === null) throw new Error("no token was issued");
    state.updateCard("w", { name: `${"x".repeat(220)} ${token}` });
    beat("w", { currentTask: `uses ${token}`, sampleError: `${"y".repeat(225)} ${token}`, errorRate: 1 });
    const { heard, ...seat } = watcher();
    feed.watch(seat);
    expect(heard[0]?.cards[0]?.currentTask).toBe("uses [redacted]");
    const shown = JSON.stringify(heard);
    expect(shown.includes(token.slice(0, 9))).toBe(false);
    expect(shown).toContain(`"tokenPrefix":"${token.slice(0, 8)}"`);
  });
});
