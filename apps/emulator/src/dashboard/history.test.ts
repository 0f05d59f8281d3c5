import { describe, expect, it } from "vitest";
import { BUCKET_MS, History, KEPT_BUCKETS } from "./history.ts";

const START = 1_000 * BUCKET_MS;

function setUp() {
  let now = START;
  const history = new History({ now: () => now });
  return {
    history,
    pass: (ms: number) => {
      now += ms;
    },
  };
}

describe("the fleet's history", () => {
  it("counts heartbeats and failures in buckets of five seconds", () => {
    const { history, pass } = setUp();
    history.heartbeat();
    pass(BUCKET_MS - 1);
    history.heartbeat();
    history.failure();
    pass(1);
    history.failure();
    expect(history.since(null).buckets).toEqual([
      [START, 2, 1],
      [START + BUCKET_MS, 0, 1],
    ]);
  });

  it("returns only buckets that may have changed since the last call", () => {
    const { history, pass } = setUp();
    history.heartbeat();
    pass(BUCKET_MS);
    history.heartbeat();
    expect(history.since(START + BUCKET_MS).buckets).toEqual([[START + BUCKET_MS, 1, 0]]);
  });

  it("drops buckets older than ten minutes, even if the clock jumped", () => {
    const { history, pass } = setUp();
    for (let n = 0; n < 3 * KEPT_BUCKETS; n++) {
      history.heartbeat();
      pass(BUCKET_MS);
    }
    expect(history.since(null).buckets).toHaveLength(KEPT_BUCKETS);
    pass(60 * 60_000);
    expect(history.since(null).buckets).toEqual([]);
  });

  it("records outages; a new one ends the previous one", () => {
    const { history, pass } = setUp();
    history.outage(true);
    pass(1_000);
    history.outage(true);
    expect(history.since(null).outages).toEqual([
      [START, START + 1_000],
      [START + 1_000, null],
    ]);
    pass(500);
    history.outage(false);
    expect(history.since(null).outages.at(-1)).toEqual([START + 1_000, START + 1_500]);
    for (let n = 0; n < 500; n++) history.outage(n % 2 === 0);
    expect(history.since(null).outages.length).toBeLessThanOrEqual(50);
  });
});
