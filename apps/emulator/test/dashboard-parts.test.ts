import { describe, expect, it } from "vitest";
import { ago, duration, percent } from "../page/format.ts";
import { Model } from "../page/model.ts";
import { sparkline } from "../page/sparkline.ts";
import type { CardMessage, FeedMessage } from "../src/dashboard/messages.ts";

const card = (id: string, more: Partial<CardMessage> = {}): CardMessage => ({
  id,
  name: "",
  status: "online",
  polls: false,
  wedged: false,
  heartbeats: 0,
  lastHeartbeatAt: null,
  errorRate: 0,
  sampleError: "",
  activeTasks: 0,
  currentTask: "",
  tokenPrefix: null,
  liveTokens: 1,
  samples: [],
  rejections: 0,
  recovery: null,
  ...more,
});

const message = (cards: CardMessage[], reset = false): FeedMessage => ({
  now: 1,
  reset,
  platform: { contract: "v2", outage: null, latencyMs: 0, workspaces: cards.length },
  gone: [],
  cards,
  events: [],
  skipped: 0,
});

function modelOf(...cards: CardMessage[]): Model {
  const model = new Model();
  model.apply(message(cards, true));
  return model;
}

const shownIds = (model: Model, ...args: Parameters<Model["select"]>) =>
  model.select(...args).shown.map(({ id }) => id);

describe("what the page knows", () => {
  it("keeps every card in its place, whatever happens to it", () => {
    const model = modelOf(card("b"), card("a"));
    model.apply(message([card("a", { heartbeats: 1 }), card("b", { heartbeats: 2 }), card("c")]));
    expect(shownIds(model, { kind: null, text: "" }, 9, null)).toEqual(["b", "a", "c"]);
    model.apply(message([card("c")], true));
    expect(shownIds(model, { kind: null, text: "" }, 9, null)).toEqual(["c"]);
  });

  it("finds by status, by rejected token, and by text in any case", () => {
    const model = modelOf(
      card("atlas", { currentTask: "Sorting MAIL" }),
      card("birch", { name: "Mailroom", rejections: 1 }),
      card("comet", { status: "offline" }),
    );
    expect(shownIds(model, { kind: null, text: " mail " }, 9, null)).toEqual(["atlas", "birch"]);
    expect(shownIds(model, { kind: "unauthorized", text: "" }, 9, null)).toEqual(["birch"]);
    expect(shownIds(model, { kind: "offline", text: "" }, 9, null)).toEqual(["comet"]);
    expect(shownIds(model, { kind: "offline", text: "mail" }, 9, null)).toEqual([]);
    expect(Object.fromEntries(model.counts())).toEqual({ online: 2, offline: 1, unauthorized: 1 });
  });

  it("shows no more than so many, says how many there are, and keeps the one in use", () => {
    const model = modelOf(...Array.from({ length: 500 }, (_, n) => card(`w-${n}`)));
    expect(model.select({ kind: null, text: "" }, 240, null)).toMatchObject({
      matching: 500,
      shown: { length: 240 },
    });
    expect(shownIds(model, { kind: "offline", text: "" }, 240, "w-7")).toEqual(["w-7"]);
  });
});

describe("a sparkline", () => {
  it("ends at the right edge, and marks what was not answered 200", () => {
    const { line, area, marks, label } = sparkline([
      [0, 200],
      [10, 401],
      [5_000, 200],
    ]);
    expect(line).toBe("M146.4 29L151.7 21.7L157 3");
    expect(area).toBe(`${line}L157 32L146.4 32Z`);
    expect(marks).toBe("M151.7 21.7h0");
    expect(label).toBe("latency 5.0 s, at most 5.0 s, 1 of 3 rejected or failed");
  });

  it("stays in its frame with 30 samples of any size, and draws nothing of none", () => {
    const samples = Array.from({ length: 30 }, (_, n) => [n ** 5, 200] as const);
    const numbers =
      sparkline(samples)
        .line.match(/[\d.]+/g)
        ?.map(Number) ?? [];
    expect(numbers).toHaveLength(60);
    expect(Math.min(...numbers)).toBeGreaterThanOrEqual(3);
    expect(Math.max(...numbers)).toBeLessThanOrEqual(157);
    expect(sparkline([])).toEqual({ line: "", area: "", marks: "", label: "no latency yet" });
  });
});

describe("words", () => {
  it.each([
    [-5, "just now"],
    [999, "just now"],
    [59_999, "59 s ago"],
    [60_000, "1 min ago"],
    [7_200_000, "2 h ago"],
    [200_000_000, "2 days ago"],
  ])("%i ms is %s", (ms, text) => expect(ago(ms)).toBe(text));

  it("never call something nothing", () => {
    expect([0, 0.001, 0.014, 1].map(percent)).toEqual(["0 %", "<1 %", "1 %", "100 %"]);
    expect([0.04, 9.96, 420, 1_500].map(duration)).toEqual(["0.0 ms", "10.0 ms", "420 ms", "1.5 s"]);
  });
});
