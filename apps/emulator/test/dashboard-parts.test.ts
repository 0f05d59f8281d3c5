import { describe, expect, it } from "vitest";
import { drawing } from "../page/chart-drawing.ts";
import { ago, duration, percent } from "../page/format.ts";
import { Model } from "../page/model.ts";
import { DEFAULT_SORT, toggled } from "../page/table/columns.ts";
import { conditionOf } from "../page/table/condition.ts";
import { grouped, passes } from "../page/timeline-groups.ts";
import { queryOf, readState } from "../page/view-state.ts";
import type { CardMessage, FeedMessage, TimelineMessage } from "../src/dashboard/messages.ts";
import { ATLAS, BIRCH, COMET } from "./ids.ts";

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
  latencyMs: null,
  failures: 0,
  requests: 0,
  failing: null,
  rejections: 0,
  recovery: null,
  ...more,
});

const message = (cards: CardMessage[], reset = false): FeedMessage => ({
  now: 1,
  reset,
  platform: { contract: "v2", outage: null, latencyMs: 0, workspaces: cards.length },
  gone: [],
  history: { buckets: [], outages: [] },
  cards,
  events: [],
  skipped: 0,
});

function modelOf(...cards: CardMessage[]): Model {
  const model = new Model();
  model.apply(message(cards, true));
  return model;
}

const everything = { kind: null, text: "" } as const;
const shownIds = (model: Model, filter: Parameters<Model["select"]>[0] = everything, sort = DEFAULT_SORT) =>
  model.select(filter, sort).map(({ id }) => id);

describe("the page's model", () => {
  it("has problems first, otherwise the order of creation", () => {
    const cut = { outcome: "reset", status: null, latencyMs: 1, times: 2 } as const;
    const model = modelOf(
      card("well-b"),
      card("gone", { status: "removed", rejections: 3 }),
      card("well-a"),
      card("degraded", { status: "degraded" }),
      card("silent", { status: "awaiting_agent" }),
      card("cut", { failing: cut }),
      card("rejected", { rejections: 1 }),
    );
    const order = ["rejected", "cut", "silent", "degraded", "well-b", "well-a", "gone"];
    expect(shownIds(model)).toEqual(order);
    expect(conditionOf(card("w", { failing: cut })).text).toBe("connection cut");
    expect(model.counts().get("problems")).toBe(4);
  });

  it("sorts by a column in both directions, with missing values always last", () => {
    const model = modelOf(card("slow", { latencyMs: 90 }), card("none"), card("quick", { latencyMs: 2 }));
    const first = toggled(DEFAULT_SORT, "latency");
    expect(shownIds(model, everything, first)).toEqual(["slow", "quick", "none"]);
    expect(shownIds(model, everything, toggled(first, "latency"))).toEqual(["quick", "slow", "none"]);
  });

  it("filters by status, by rejected token, and by text, ignoring case", () => {
    const model = modelOf(
      card(ATLAS, { currentTask: "Sorting MAIL" }),
      card(BIRCH, { name: "Mailroom", rejections: 1 }),
      card(COMET, { status: "offline" }),
    );
    expect(shownIds(model, { kind: null, text: " mail " })).toEqual([BIRCH, ATLAS]);
    expect(shownIds(model, { kind: "unauthorized", text: "" })).toEqual([BIRCH]);
    expect(shownIds(model, { kind: "offline", text: "" })).toEqual([COMET]);
    expect(shownIds(model, { kind: "offline", text: "mail" })).toEqual([]);
    expect(Object.fromEntries(model.counts())).toEqual({
      online: 2,
      offline: 1,
      unauthorized: 1,
      problems: 2,
    });
  });
});

describe("the URL", () => {
  it("contains the whole view, and is empty for the initial view", () => {
    const first = readState("");
    expect(queryOf(first)).toBe("");
    const shown = {
      kind: "degraded",
      search: "a & b",
      sort: { column: "latency", direction: "descending" },
      workspace: ATLAS,
      events: BIRCH,
      errorsOnly: true,
    } as const;
    expect(readState(queryOf(shown))).toEqual(shown);
    expect(queryOf(shown)).toBe(
      `?status=degraded&q=a+%26+b&sort=-latency&workspace=${ATLAS}&events=${BIRCH}&errors=only`,
    );
  });

  it("ignores unknown values", () => {
    expect(readState("?status=odd&sort=-shoe&workspace=../x&events=1&errors=maybe")).toEqual(readState(""));
  });
});

const event = (seq: number, text: string, more: Partial<TimelineMessage> = {}): TimelineMessage => ({
  seq,
  at: seq * 100,
  tone: "bad",
  workspaceId: ATLAS,
  text,
  ...more,
});

describe("the timeline", () => {
  it("groups the same event of many workspaces within seconds, but not later ones", () => {
    const groups = grouped([
      event(1, "heartbeat: the connection was cut"),
      event(2, "heartbeat: the connection was cut", { workspaceId: BIRCH }),
      event(3, "heartbeat: the connection was cut"),
      event(4, "outage over", { tone: "good", workspaceId: null }),
      event(200, "heartbeat: the connection was cut"),
    ]);
    expect(groups.map(({ text, times, workspaceIds }) => [text, times, workspaceIds.size])).toEqual([
      ["heartbeat: the connection was cut", 3, 2],
      ["outage over", 1, 0],
      ["heartbeat: the connection was cut", 1, 1],
    ]);
  });

  it("filters by workspace and by errors; platform events concern every workspace", () => {
    const all = { workspaceId: null, errorsOnly: false };
    expect(passes(event(1, "x"), { ...all, workspaceId: BIRCH })).toBe(false);
    expect(passes(event(1, "x", { workspaceId: null }), { ...all, workspaceId: BIRCH })).toBe(true);
    expect(passes(event(1, "x", { tone: "warn" }), { ...all, errorsOnly: true })).toBe(false);
  });
});

describe("the chart", () => {
  const now = 1_000_000 * 5_000;

  it("ends now, has failures below the line, and says in words what it shows", () => {
    const { heartbeats, failures, outages, label, scale } = drawing(
      {
        buckets: [
          [now - 10_000, 40, 0],
          [now - 5_000, 20, 5],
        ],
        outages: [[now - 60_000, null]],
      },
      now,
    );
    expect(heartbeats).toBe("M590.5 44v-42h4V44zM595.5 44v-21h4V44z");
    expect(failures).toBe("M595.5 44v20h4V44z");
    expect(outages).toBe("M540 0H600V64H540z");
    expect(label).toMatch(
      /^Last 10 minutes: 60 heartbeats accepted, 5 requests failed, most of them \(5\) in /,
    );
    expect(label).toMatch(/; 1 outage$/);
    expect(scale).toBe("most per 5 s: 40 heartbeats, 5 failures");
  });

  it("omits older data, and draws nothing without data", () => {
    const old = { buckets: [[now - 700_000, 9, 9]], outages: [[now - 900_000, now - 800_000]] } as const;
    expect(drawing(old, now)).toEqual(drawing({ buckets: [], outages: [] }, now));
    expect(drawing(old, now).label).toBe("Last 10 minutes: 0 heartbeats accepted, 0 requests failed");
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

  it("never round a positive number to zero", () => {
    expect([0, 0.001, 0.014, 1].map(percent)).toEqual(["0 %", "<1 %", "1 %", "100 %"]);
    expect([0.04, 9.96, 420, 1_500].map(duration)).toEqual(["0.0 ms", "10.0 ms", "420 ms", "1.5 s"]);
  });
});
